using SoupsActors.Models.Experts;

namespace SoupsActors.Miniature.Experiments.Rewarded;

/// <summary>
/// Averages A and B of experts separately whatever their initialisation, as the released code of both soups papers
/// does. The runtime's factor merge refuses experts of different initialisations; the negative control needs to see
/// why.
/// </summary>
internal static class FactorAverage
{
    /// <summary>An expert with ΔW = s (Σ λ_i B_i)(Σ λ_i A_i).</summary>
    /// <exception cref="ArgumentException">The experts differ in shape.</exception>
    public static Expert Of(IReadOnlyList<Expert> experts, IReadOnlyList<double> weights)
    {
        var first = experts[0];
        var factors = first.Factors.Select((factor, site) =>
        {
            var peers = experts.Select(e => e.Factors[site]).ToArray();
            if (peers.Any(p => Shape(p) != Shape(factor)))
                throw new ArgumentException("Only experts of one shape can be averaged.", nameof(experts));
            return factor with
            {
                A = Sum([.. peers.Select(p => p.A)], weights),
                B = Sum([.. peers.Select(p => p.B)], weights),
            };
        });
        var provenance = new ExpertProvenance(first.Provenance.BaseHash, Method: "factor average");
        return ExpertContent.Create("average", factors, provenance);
    }

    private static (int Layer, TargetModule Module, int Rank, float Scale) Shape(LoraFactors factors) =>
        (factors.Layer, factors.Module, factors.Rank, factors.Scale);

    private static float[] Sum(float[][] arrays, IReadOnlyList<double> weights)
    {
        var sum = new float[arrays[0].Length];
        for (var i = 0; i < arrays.Length; i++)
        {
            if (weights[i] == 0)
                continue;
            for (var k = 0; k < sum.Length; k++)
                sum[k] += (float)weights[i] * arrays[i][k];
        }

        return sum;
    }
}
