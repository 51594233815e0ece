namespace SoupsActors.Placement;

/// <summary>
/// Which generator answers a request: one that holds the mix and has little to do. Among the generators that miss
/// fewest of its experts two are drawn and the less loaded one is taken (the power of two choices: Mitzenmacher 2001,
/// "The power of two choices in randomized load balancing"), so that callers with the same, slightly old, view of the
/// cluster do not all run to the one generator that was idle. Two more are drawn from all the others; one of them is
/// taken where even with its missing experts loaded it costs less, so that a mix in fashion spreads.
/// </summary>
public static class GeneratorChoice
{
    /// <summary>The index of the generator to ask, or −1 where there is none.</summary>
    /// <param name="candidates">The generators that are up.</param>
    /// <param name="draw">64 random bits; the same bits give the same choice.</param>
    /// <param name="options">What a missing expert costs.</param>
    public static int Choose(ReadOnlySpan<GeneratorCandidate> candidates, ulong draw, PlacementOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var best = Tier.Of(candidates);
        if (best.Count == 0)
            return -1;
        var near = Better(candidates, best, inTier: true, best.Count, ref draw, 0);
        var far = Better(candidates, best, inTier: false, candidates.Length - best.Count, ref draw, options.MissCost);
        return far >= 0 && best.Allows(candidates[far])
            && Cost(candidates[far], options.MissCost) < Cost(candidates[near], options.MissCost)
            ? far
            : near;
    }

    /// <summary>
    /// What sending the request there costs, in units of a generator's full load: how busy it is, and what it has to
    /// load.
    /// </summary>
    public static double Cost(GeneratorCandidate candidate, double missCost) =>
        candidate.Load + candidate.Missing * missCost;

    private static int Better(
        ReadOnlySpan<GeneratorCandidate> candidates, Tier tier, bool inTier, int count, ref ulong draw, double missCost)
    {
        if (count == 0)
            return -1;
        var first = (int)(SplitMix64.Next(ref draw) % (ulong)count);
        if (count == 1)
            return Find(candidates, tier, inTier, first);

        // The second is drawn among the others, so that the two are never the same.
        var second = (int)(SplitMix64.Next(ref draw) % (ulong)(count - 1));
        second += second >= first ? 1 : 0;
        var one = Find(candidates, tier, inTier, first);
        var two = Find(candidates, tier, inTier, second);
        return !tier.Allows(candidates[one]) || (tier.Allows(candidates[two])
            && Cost(candidates[two], missCost) < Cost(candidates[one], missCost)) ? two : one;
    }

    private static int Find(ReadOnlySpan<GeneratorCandidate> candidates, Tier tier, bool inTier, int position)
    {
        for (var i = 0; ; i++)
        {
            if (tier.Holds(candidates[i]) == inTier && position-- == 0)
                return i;
        }
    }

    /// <summary>The generators with room that miss fewest; where none has room, those that miss fewest.</summary>
    private readonly record struct Tier(bool NeedsRoom, int Missing, int Count)
    {
        public static Tier Of(ReadOnlySpan<GeneratorCandidate> candidates)
        {
            var needsRoom = false;
            foreach (var candidate in candidates)
                needsRoom |= candidate.HasRoom;
            var (missing, count) = (int.MaxValue, 0);
            foreach (var candidate in candidates)
            {
                if (needsRoom && !candidate.HasRoom)
                    continue;
                if (candidate.Missing < missing)
                    (missing, count) = (candidate.Missing, 0);
                count += candidate.Missing == missing ? 1 : 0;
            }

            return new Tier(needsRoom, missing, count);
        }

        /// <summary>Nobody without room is asked while somebody has room.</summary>
        public bool Allows(GeneratorCandidate candidate) => candidate.HasRoom || !NeedsRoom;

        public bool Holds(GeneratorCandidate candidate) => candidate.Missing == Missing && Allows(candidate);
    }
}
