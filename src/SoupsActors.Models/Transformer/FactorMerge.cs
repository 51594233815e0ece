using SoupsActors.Models.Experts;

namespace SoupsActors.Models.Transformer;

/// <summary>When two experts can be merged factor by factor.</summary>
internal static class FactorMerge
{
    /// <summary>
    /// Requires equal ranks, scales and targets and the same known seed of A: otherwise the average of the A and that of
    /// the B have nothing to do with the average of the products.
    /// </summary>
    /// <exception cref="ArgumentException">The experts differ; the message says in what.</exception>
    public static void Require(Expert first, Expert other)
    {
        if (first.Provenance.InitSeed is null || first.Provenance.InitSeed != other.Provenance.InitSeed)
            Refuse(first, other, "their A were not drawn from one known seed");
        if (first.Factors.Count != other.Factors.Count)
            Refuse(first, other, "they change different layers");
        for (var i = 0; i < first.Factors.Count; i++)
        {
            var (a, b) = (first.Factors[i], other.Factors[i]);
            if (a.Layer != b.Layer || a.Module != b.Module)
                Refuse(first, other, "they change different layers");
            if (a.Rank != b.Rank || a.Scale != b.Scale)
                Refuse(first, other, $"rank or α differ in layer {a.Layer}, {a.Module}");
        }
    }

    private static void Refuse(Expert first, Expert other, string reason) => throw new ArgumentException(
        $"Experts '{first.Name}' and '{other.Name}' cannot be merged factor by factor: {reason}. Use a product mix.");
}
