namespace SoupsActors.Dashboard.Data.Feed;

/// <summary>How often two people who judged the same pair said the same.</summary>
/// <param name="Preference">The preference they judged by, or null for which answer is better at all.</param>
/// <param name="Pairs">Pairs of answers that at least two people judged.</param>
/// <param name="Raters">People who judged them.</param>
/// <param name="Same">Comparisons of two people's verdicts that are the same, ties among the verdicts.</param>
/// <param name="All">All comparisons of two people's verdicts.</param>
public sealed record RaterAgreement(string? Preference, int Pairs, int Raters, int Same, int All)
{
    private const double Z = 1.959963984540054;

    /// <summary>Share of comparisons that agree.</summary>
    public double Share => (double)Same / All;

    /// <summary>Wilson's 95 % interval of the share (Wilson 1927).</summary>
    public (double Low, double High) Interval
    {
        get
        {
            var scale = 1 + Z * Z / All;
            var centre = (Share + Z * Z / (2 * All)) / scale;
            var half = Z * Math.Sqrt(Share * (1 - Share) / All + Z * Z / (4.0 * All * All)) / scale;
            return (Math.Max(0, centre - half), Math.Min(1, centre + half));
        }
    }

    /// <summary>
    /// Agreement by preference, where there is anything to compare. Who judged a pair more than once counts with the
    /// last word.
    /// </summary>
    /// <param name="votes">Newest first.</param>
    public static IReadOnlyList<RaterAgreement> Of(IEnumerable<PairVote> votes) =>
    [
        .. votes.DistinctBy(v => (v.Pair, v.Rater))
            .GroupBy(v => v.Pair)
            .Select(g => g.ToArray())
            .Where(g => g.Length > 1)
            .GroupBy(g => g[0].Preference)
            .Select(pairs => new RaterAgreement(
                pairs.Key,
                pairs.Count(),
                pairs.SelectMany(p => p).Select(v => v.Rater).Distinct().Count(),
                pairs.Sum(Agreeing),
                pairs.Sum(p => p.Length * (p.Length - 1) / 2)))
            .OrderBy(a => a.Preference),
    ];

    private static int Agreeing(PairVote[] pair) =>
        pair.GroupBy(v => v.Verdict).Sum(g => g.Count() * (g.Count() - 1) / 2);
}
