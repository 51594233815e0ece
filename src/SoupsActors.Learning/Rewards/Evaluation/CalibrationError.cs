namespace SoupsActors.Learning.Rewards;

/// <summary>
/// Expected calibration error of pair probabilities p = σ(r_chosen − r_rejected): Σ_m |B_m|/N · |acc(B_m) − conf(B_m)|
/// over bins of equal width. Both orders of a pair count, p with label 1 and 1 − p with label 0, as the code of MORE does
/// (arXiv 2312.07401, section 4).
/// </summary>
public static class CalibrationError
{
    /// <summary>The error, 0 to 1.</summary>
    /// <param name="gaps">r_chosen − r_rejected of each pair, at least one.</param>
    /// <param name="bins">Bins of [0, 1], at least 1; the paper's table has 10.</param>
    public static double Of(IReadOnlyList<double> gaps, int bins = 10)
    {
        var (confidence, right, _) = Count(gaps, bins);
        return confidence.Zip(right, (c, r) => Math.Abs(c - r)).Sum() / (2 * gaps.Count);
    }

    /// <summary>The bins themselves, from the least confidence to the greatest: a reliability diagram.</summary>
    /// <param name="gaps">r_chosen − r_rejected of each pair, at least one.</param>
    /// <param name="bins">Bins of [0, 1], at least 1.</param>
    public static IReadOnlyList<CalibrationBin> Bins(IReadOnlyList<double> gaps, int bins = 10)
    {
        var (confidence, right, counts) = Count(gaps, bins);
        return
        [
            .. counts.Select((n, i) => n == 0
                ? new CalibrationBin(0, 0, 0)
                : new CalibrationBin(n, confidence[i] / n, right[i] / n)),
        ];
    }

    // Sums of confidence and of labels, and how many predictions there are, for each bin.
    private static (double[] Confidence, double[] Right, int[] Counts) Count(IReadOnlyList<double> gaps, int bins)
    {
        ArgumentNullException.ThrowIfNull(gaps);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bins);
        if (gaps.Count == 0)
            throw new ArgumentException("There are no pairs to measure calibration on.", nameof(gaps));
        var confidence = new double[bins];
        var right = new double[bins];
        var counts = new int[bins];
        foreach (var gap in gaps)
        {
            var p = 1 / (1 + Math.Exp(-gap));
            Add(p, 1);
            Add(1 - p, 0);
        }

        return (confidence, right, counts);

        void Add(double p, int label)
        {
            var bin = Math.Min(bins - 1, (int)(p * bins));
            confidence[bin] += p;
            right[bin] += label;
            counts[bin]++;
        }
    }
}
