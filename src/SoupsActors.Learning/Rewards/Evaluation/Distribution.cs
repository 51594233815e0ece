namespace SoupsActors.Learning.Rewards;

/// <summary>How numbers are distributed.</summary>
/// <param name="Count">How many.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="StandardDeviation">Of the population.</param>
/// <param name="Minimum">The smallest.</param>
/// <param name="Maximum">The largest.</param>
/// <param name="Quantiles">Numbers below which <see cref="Levels"/> of them lie, interpolated linearly.</param>
/// <param name="Histogram">Counts in bins of equal width from the smallest to the largest.</param>
public sealed record Distribution(
    int Count,
    double Mean,
    double StandardDeviation,
    double Minimum,
    double Maximum,
    IReadOnlyList<double> Quantiles,
    IReadOnlyList<int> Histogram)
{
    private const int Bins = 20;

    /// <summary>Shares that <see cref="Quantiles"/> belong to.</summary>
    public static IReadOnlyList<double> Levels { get; } = [0.05, 0.25, 0.5, 0.75, 0.95];

    /// <summary>Of at least one finite number.</summary>
    public static Distribution Of(IEnumerable<float> numbers)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        var sorted = numbers.Select(n => (double)n).Order().ToArray();
        if (sorted.Length == 0)
            throw new ArgumentException("There are no numbers to describe.", nameof(numbers));
        if (!double.IsFinite(sorted[0]) || !double.IsFinite(sorted[^1]))
            throw new ArgumentException("A number is NaN or infinite.", nameof(numbers));
        var mean = sorted.Average();
        var histogram = new int[Bins];
        var width = sorted[^1] - sorted[0];
        foreach (var number in sorted)
            histogram[width > 0 ? Math.Min(Bins - 1, (int)(Bins * (number - sorted[0]) / width)) : 0]++;
        return new Distribution(
            sorted.Length,
            mean,
            Math.Sqrt(sorted.Average(n => (n - mean) * (n - mean))),
            sorted[0],
            sorted[^1],
            [.. Levels.Select(level => Quantile(sorted, level))],
            histogram);
    }

    private static double Quantile(double[] sorted, double level)
    {
        var position = level * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
