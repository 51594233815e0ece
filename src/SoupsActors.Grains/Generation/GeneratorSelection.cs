using Microsoft.Extensions.Options;
using SoupsActors.Generation;
using SoupsActors.Placement;

namespace SoupsActors.Grains.Generation;

/// <summary>Which of the known generators answers a request.</summary>
internal sealed class GeneratorSelection(IOptions<PlacementOptions> options)
{
    /// <summary>The generator to ask, or null where none is left.</summary>
    /// <param name="known">The generators that are up.</param>
    /// <param name="request">What is to be answered.</param>
    /// <param name="failed">Keys of those that have failed with it.</param>
    /// <param name="baseHash">The base that the answer began on, or null at its beginning.</param>
    public KnownGenerator? Choose(
        IReadOnlyList<KnownGenerator> known, GeneratorRequest request, IReadOnlySet<string> failed, string? baseHash)
    {
        var left = known.Where(g => !failed.Contains(g.Key) && Fits(g, request, baseHash)).ToArray();
        if (left.Length <= 1)
            return left.FirstOrDefault();

        // Homes are counted over all that are up, so that one lost answer does not move experts.
        var missing = new int[left.Length];
        foreach (var share in request.Experts)
        {
            var homes = Homes(known, share.Lease.Hash, share.Lease.Replicas);
            for (var i = 0; i < left.Length; i++)
                missing[i] += left[i].Holds(share.Lease.Hash) || homes.Contains(left[i]) ? 0 : 1;
        }

        var candidates = new GeneratorCandidate[left.Length];
        for (var i = 0; i < left.Length; i++)
        {
            var load = left[i].Report.Load;
            candidates[i] = new GeneratorCandidate(
                missing[i], load.Slots - load.Leased, load.Waiting, load.Running, load.Places);
        }

        // Which generator answers changes no token, so that these bits need no record.
        return left[GeneratorChoice.Choose(candidates, (ulong)Random.Shared.NextInt64(), options.Value)];
    }

    /// <summary>The generators that are to hold an expert.</summary>
    public static KnownGenerator[] Homes(IReadOnlyList<KnownGenerator> known, string hash, int replicas)
    {
        var expert = ExpertHomes.NumberOf(hash);
        var scores = new double[known.Count];
        for (var i = 0; i < scores.Length; i++)
            scores[i] = known[i].Score(expert);
        return [.. ExpertHomes.Best(scores, replicas).Select(i => known[i])];
    }

    // Another base would answer differently, and could not run the experts.
    private static bool Fits(KnownGenerator generator, GeneratorRequest request, string? baseHash) => baseHash is null
        ? Array.TrueForAll(
            request.Experts, s => s.Lease.BaseHash is not { } needed || needed == generator.Report.Model.BaseHash)
        : generator.Report.Model.BaseHash == baseHash;
}
