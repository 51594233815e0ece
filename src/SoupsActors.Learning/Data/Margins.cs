namespace SoupsActors.Learning.Data;

/// <summary>Brings margins of different scales to one that a loss can take.</summary>
/// <remarks>
/// A margin m stands in −log σ(Δr − m): where it is far beyond the rewards' own range, the gradient of its pair never
/// fades and outweighs all others. Touvron et al. 2023 (appendix A.3.3) compare margins of up to 1 and of up to 3, and
/// the larger ones cost accuracy on similar answers.
/// </remarks>
public static class Margins
{
    /// <summary>The share of a scale's margins that none of its bounds cuts.</summary>
    private const double Kept = 0.95;

    /// <summary>
    /// The comparisons with margins of 0 to 1. Margins of one <see cref="Comparison.Source"/> and
    /// <see cref="Comparison.Scale"/> are divided by their 95 % quantile where it is above 1, and cut at 1, so that
    /// neither the unit matters nor a single slip of the pen; scales that stay within 1 are left as they are.
    /// </summary>
    public static IReadOnlyList<Comparison> ToUnit(IReadOnlyList<Comparison> comparisons)
    {
        ArgumentNullException.ThrowIfNull(comparisons);
        var units = comparisons.Where(c => c.Margin is not null)
            .GroupBy(ScaleOf, c => c.Margin!.Value)
            .ToDictionary(g => g.Key, Unit);
        return
        [
            .. comparisons.Select(c => c.Margin is { } margin
                ? c with { Margin = Math.Clamp(margin / units[ScaleOf(c)], 0, 1) }
                : c),
        ];
    }

    private static double Unit(IEnumerable<double> margins)
    {
        double[] ordered = [.. margins.Order()];
        return Math.Max(1, ordered[(int)Math.Ceiling(Kept * ordered.Length) - 1]);
    }

    private static (string? Source, string? Scale) ScaleOf(Comparison comparison) =>
        (comparison.Source, comparison.Scale);
}
