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
    /// <param name="trials">Trials, 0 or more, not always whole; the interval of none is 0 to 1.</param>
    public static ConfidenceInterval Wilson(double successes, double trials)
    {
        if (!(trials is >= 0 and < double.PositiveInfinity))
            throw new ArgumentOutOfRangeException(nameof(trials), trials, "There are 0 or more trials.");
        if (!(successes >= 0 && successes <= trials))
            throw new ArgumentOutOfRangeException(nameof(successes), successes, $"Successes lie in 0 to {trials}.");
        if (trials == 0)
            return new ConfidenceInterval(0, 1);

        const double Z2 = Z95 * Z95;
        var share = successes / trials;
        var scale = 1 / (1 + Z2 / trials);
        var centre = (share + Z2 / (2 * trials)) * scale;
        var half = Z95 * scale * Math.Sqrt(share * (1 - share) / trials + Z2 / (4 * trials * trials));
        // Exact at the ends, where rounding would leave a bound a hair off 0 or 1.
        var lower = successes == 0 ? 0 : Math.Max(0, centre - half);
        var upper = successes == trials ? 1 : Math.Min(1, centre + half);
        return new ConfidenceInterval(lower, upper);
    }

    /// <summary>
    /// The 95 % interval of a win rate where comparisons come in groups that may go alike, such as several on one
    /// prompt: Wilson's for Kish's effective number of trials, (Σn)² / Σn² over the groups' decided comparisons n. Groups
    /// of one size count once each, however large they are, so that asking again makes no interval narrower.
    /// </summary>
    /// <param name="groups">The comparisons of each group.</param>
    public static ConfidenceInterval OfGroups(params IEnumerable<WinTieLoss> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        double wins = 0, decided = 0, squares = 0;
        foreach (var group in groups)
        {
            double size = group.Wins + group.Losses;
            wins += group.Wins;
            decided += size;
            squares += size * size;
        }

        if (decided == 0)
            return new ConfidenceInterval(0, 1);
        var trials = decided * decided / squares;
        return Wilson(wins / decided * trials, trials);
    }

    /// <summary>Fewest trials from which on the lower bound lies above a share, all trials being successes.</summary>
    /// <param name="share">0 to below 1.</param>
    public static int TrialsToExceed(double share) => share is >= 0 and < 1
        ? (int)Math.Min(int.MaxValue, Math.Floor(share * Z95 * Z95 / (1 - share)) + 1)
        : throw new ArgumentOutOfRangeException(nameof(share), share, "The share is 0 to below 1.");

    /// <inheritdoc/>
    public override string ToString() => $"{Lower:P1} to {Upper:P1}";
}
