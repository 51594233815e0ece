using SoupsActors.Models.Files;

namespace SoupsActors.Models.Experts;

/// <summary>An expert with its weight in a mix.</summary>
/// <param name="Expert">The expert.</param>
/// <param name="Weight">λ, finite and not zero.</param>
public readonly record struct WeightedExpert(Expert Expert, float Weight);

/// <summary>
/// Which mixes make sense. Every way to apply a mix asks here first, so that none of them is silently wrong.
/// </summary>
public static class MixRules
{
    /// <summary>Finds the experts of a mix and checks that they can be merged as the mix asks.</summary>
    /// <param name="mix">The mix.</param>
    /// <param name="experts">Experts at hand; more than the mix names is fine.</param>
    /// <param name="baseHash">Base model they are to be applied to; null where only their agreement matters.</param>
    /// <returns>The experts in the order of the mix's terms.</returns>
    /// <exception cref="ExpertMismatchException">
    /// An expert is missing or was trained on another base; or the merge is by factors and rank, scale, modules or the
    /// seed of A's initialisation differ or are not known. The message names the expert and what differs.
    /// </exception>
    public static IReadOnlyList<WeightedExpert> Check(Mix mix, IEnumerable<Expert> experts, string? baseHash = null)
    {
        ArgumentNullException.ThrowIfNull(mix);
        ArgumentNullException.ThrowIfNull(experts);
        var byHash = new Dictionary<string, Expert>();
        foreach (var expert in experts)
            byHash[expert.Hash] = expert;
        var found = new List<WeightedExpert>(mix.Terms.Length);
        foreach (var term in mix.Terms)
        {
            if (!byHash.TryGetValue(term.ExpertHash, out var expert))
            {
                throw new ExpertMismatchException(
                    $"The mix names expert {term.ExpertHash}, which is not at hand; load it first.");
            }

            found.Add(new WeightedExpert(expert, term.Weight));
        }

        if (found.Count == 0)
            return found;
        var bases = baseHash ?? found[0].Expert.Provenance.BaseHash;
        foreach (var (expert, _) in found)
        {
            if (expert.Provenance.BaseHash != bases)
            {
                throw new ExpertMismatchException(
                    $"{Describe(expert)} was trained on base {expert.Provenance.BaseHash}, "
                    + $"but the others or the model are {bases}.");
            }
        }

        if (mix.Mode == MergeMode.Factor)
            CheckFactors(found);
        return found;
    }

    private static void CheckFactors(List<WeightedExpert> found)
    {
        var first = found[0].Expert;
        foreach (var (expert, _) in found.Skip(1))
        {
            if (FindDifference(first, expert) is { } difference)
            {
                throw new ExpertMismatchException(
                    $"{Describe(expert)} cannot be merged by factors with {Describe(first)}: {difference}. "
                    + "Use the product merge, which is exact for any experts.");
            }
        }
    }

    private static string? FindDifference(Expert first, Expert other)
    {
        if (first.Provenance.InitSeed is not { } seed)
            return $"the seed of A's initialisation of {Describe(first)} is not known";
        if (other.Provenance.InitSeed is not { } otherSeed)
            return "the seed of its A's initialisation is not known";
        if (seed != otherSeed)
            return $"its A started from seed {otherSeed}, not {seed}";
        var modules = first.Factors.ToDictionary(f => (f.Layer, f.Module));
        foreach (var factor in other.Factors)
        {
            var path = ModelTensors.Path(factor.Layer, factor.Module);
            if (!modules.Remove((factor.Layer, factor.Module), out var twin))
                return $"it changes {path}, which the other does not";
            if (factor.Rank != twin.Rank)
                return $"its rank at {path} is {factor.Rank}, not {twin.Rank}";
            if (!factor.Scale.Equals(twin.Scale))
                return $"its scale (alpha over rank) at {path} is {factor.Scale}, not {twin.Scale}";
            if (factor.Inputs != twin.Inputs || factor.Outputs != twin.Outputs)
                return $"its size at {path} is {factor.Outputs} × {factor.Inputs}, not {twin.Outputs} × {twin.Inputs}";
        }

        return modules.Values.FirstOrDefault() is { } missing
            ? $"it does not change {ModelTensors.Path(missing.Layer, missing.Module)}"
            : null;
    }

    private static string Describe(Expert expert) =>
        $"expert '{expert.Name}' ({expert.Hash[..Math.Min(12, expert.Hash.Length)]})";
}
