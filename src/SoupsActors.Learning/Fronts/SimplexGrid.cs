namespace SoupsActors.Learning.Fronts;

/// <summary>
/// Weights λ on the simplex, λ_i ≥ 0 and Σ λ_i = 1. λ_i is always the share of expert i: published code prints and
/// passes its coefficients in different orders, so orientation is told by the endpoints, never by position in a list.
/// </summary>
public static class SimplexGrid
{
    /// <summary>Steps from one expert to another in the published sweeps: 11 points 0, 0.1, …, 1.</summary>
    public const int PublishedDivisions = 10;

    /// <summary>
    /// All λ whose parts are multiples of 1/<paramref name="divisions"/>, the first part rising slowest: for two
    /// experts (0, 1), (0.1, 0.9), …, (1, 0).
    /// </summary>
    /// <param name="experts">Parts of λ, at least 1.</param>
    /// <param name="divisions">At least 1.</param>
    public static IReadOnlyList<double[]> Lattice(int experts, int divisions = PublishedDivisions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(experts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(divisions, 1);
        return [.. Shares(experts, divisions).Select(shares => shares.Select(s => (double)s / divisions).ToArray())];
    }

    /// <summary>
    /// Points of <see cref="Lattice"/>: the binomial coefficient of divisions + experts − 1 over experts − 1.
    /// </summary>
    public static long Count(int experts, int divisions)
    {
        var count = 1L;
        for (var i = 1; i < experts; i++)
            count = count * (divisions + i) / i;
        return count;
    }

    /// <summary>The λ that is one expert alone.</summary>
    public static double[] Vertex(int experts, int expert)
    {
        var weights = new double[experts];
        weights[expert] = 1;
        return weights;
    }

    /// <summary>The expert that λ is alone, or −1 where it mixes several.</summary>
    internal static int VertexOf(IReadOnlyList<double> weights)
    {
        var vertex = -1;
        for (var i = 0; i < weights.Count; i++)
        {
            if (weights[i] == 1)
                vertex = i;
            else if (weights[i] != 0)
                return -1;
        }

        return vertex;
    }

    private static IEnumerable<int[]> Shares(int parts, int total)
    {
        if (parts == 1)
        {
            yield return [total];
            yield break;
        }

        for (var first = 0; first <= total; first++)
        {
            foreach (var rest in Shares(parts - 1, total - first))
                yield return [first, .. rest];
        }
    }
}
