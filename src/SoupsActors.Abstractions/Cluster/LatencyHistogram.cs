namespace SoupsActors.Cluster;

/// <summary>
/// Counts of durations in classes of equal ratio, ten to a decade, from 0.1 ms to about 250 s. Counts of different
/// silos and times add up, which percentiles do not.
/// </summary>
public static class LatencyHistogram
{
    /// <summary>Number of classes.</summary>
    public const int Classes = 64;

    private const double Least = 1e-4;
    private const double PerDecade = 10;

    /// <summary>The class of a duration in seconds.</summary>
    public static int ClassOf(double seconds) =>
        seconds > Least ? Math.Min(Classes - 1, (int)(Math.Log10(seconds / Least) * PerDecade)) : 0;

    /// <summary>Adds counts; an empty array stands for none.</summary>
    public static void Add(long[] sum, int[] counts)
    {
        ArgumentNullException.ThrowIfNull(sum);
        ArgumentNullException.ThrowIfNull(counts);
        for (var i = 0; i < counts.Length; i++)
            sum[i] += counts[i];
    }

    /// <summary>The duration in seconds that a share of all does not exceed; null without any.</summary>
    /// <param name="counts">A count for each class.</param>
    /// <param name="share">0 to 1, such as 0.95.</param>
    public static double? Percentile(long[] counts, double share)
    {
        ArgumentNullException.ThrowIfNull(counts);
        var total = counts.Sum();
        if (total == 0)
            return null;
        var wanted = share * total;
        double below = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0 && below + counts[i] >= wanted)
            {
                var inside = Math.Clamp((wanted - below) / counts[i], 0, 1);
                return Least * Math.Pow(10, (i + inside) / PerDecade);
            }

            below += counts[i];
        }

        return Least * Math.Pow(10, counts.Length / PerDecade);
    }
}
