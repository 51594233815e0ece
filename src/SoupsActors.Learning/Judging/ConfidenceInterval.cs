namespace SoupsActors.Learning.Judging;

/// <summary>An interval that holds an unknown share with a given confidence.</summary>
/// <param name="Lower">Lower bound, 0 to 1.</param>
/// <param name="Upper">Upper bound, 0 to 1.</param>
public readonly record struct ConfidenceInterval(double Lower, double Upper)
{
    /// <summary>Standard deviations that 95 % of a normal distribution lie within.</summary>
    private const double Z95 = 1.959963984540054;

    /// <summary>
    /// The 95 % score interval of a share (Wilson 1927), good for few trials and for shares near 0 and 1.
    /// </summary>
    /// <param name="successes">Successes, 0 to <paramref name="trials"/>; a tie may count one half.</param>
    /// <param name="trials">Trials; the interval of none is 0 to 1.</param>
    public static ConfidenceInterval Wilson(double successes, int trials)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(trials);
        if (!(successes >= 0 && successes <= trials))
            throw new ArgumentOutOfRangeException(nameof(successes), successes, $"Successes lie in 0 to {trials}.");
        if (trials == 0)
            return new ConfidenceInterval(0, 1);

        const double Z2 = Z95 * Z95;
        var share = successes / trials;
        var scale = 1 / (1 + Z2 / trials);
        var centre = (share + Z2 / (2 * trials)) * scale;
        var half = Z95 * scale * Math.Sqrt(share * (1 - share) / trials + Z2 / (4.0 * trials * trials));
        // Exact at the ends, where rounding would leave a bound a hair off 0 or 1.
        var lower = successes == 0 ? 0 : Math.Max(0, centre - half);
        var upper = successes == trials ? 1 : Math.Min(1, centre + half);
        return new ConfidenceInterval(lower, upper);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Lower:P1} to {Upper:P1}";
}
