using SoupsActors.Learning.Rollouts;

namespace SoupsActors.Learning.Direct;

/// <summary>
/// Which two of several scored answers to a prompt become a pair; the better of the two is the chosen one.
/// </summary>
public enum PairSelection
{
    /// <summary>The best and the worst: the clearest label (RLHF Workflow, Dong et al. 2024, section 3.2).</summary>
    MaxMin,

    /// <summary>Any two.</summary>
    Random,

    /// <summary>The best and any other.</summary>
    MaxRandom,

    /// <summary>The best and the second best: the finest distinction.</summary>
    MaxMax,

    /// <summary>
    /// The best and the worst after a penalty on length, so that a reward's taste for length is not learned.
    /// </summary>
    MaxMinLengthPenalty,
}

/// <summary>Draws pairs from scored answers.</summary>
internal static class PairSelector
{
    /// <summary>Indices of the chosen and the rejected answer, or null where the two score the same.</summary>
    /// <param name="scores">At least two, finite.</param>
    /// <param name="lengths">Tokens of each answer.</param>
    /// <param name="selection">The rule.</param>
    /// <param name="lengthPenalty">
    /// Score taken off per token under <see cref="PairSelection.MaxMinLengthPenalty"/>.
    /// </param>
    /// <param name="seed">Fixes the draws.</param>
    public static (int Chosen, int Rejected)? Select(
        IReadOnlyList<double> scores,
        IReadOnlyList<int> lengths,
        PairSelection selection,
        double lengthPenalty,
        ulong seed)
    {
        var penalty = selection == PairSelection.MaxMinLengthPenalty ? lengthPenalty : 0;
        double[] values = [.. scores.Zip(lengths, (score, length) => score - penalty * length)];
        // Stable: of equal scores the earlier answer comes first.
        int[] ranked = [.. Enumerable.Range(0, values.Length).OrderByDescending(i => values[i])];
        var (first, second) = selection switch
        {
            PairSelection.MaxMin or PairSelection.MaxMinLengthPenalty => (ranked[0], ranked[^1]),
            PairSelection.MaxMax => (ranked[0], ranked[1]),
            PairSelection.MaxRandom => (ranked[0], ranked[1 + Draw(0, ranked.Length - 1)]),
            PairSelection.Random => Two(ranked.Length),
            _ => throw new ArgumentOutOfRangeException(nameof(selection), selection, "Unknown selection."),
        };
        if (values[first] == values[second])
            return null;
        return values[first] > values[second] ? (first, second) : (second, first);

        (int First, int Second) Two(int count)
        {
            var one = Draw(0, count);
            return (one, (one + 1 + Draw(1, count - 1)) % count);
        }

        int Draw(int part, int count) => (int)(RolloutSeeds.Of(seed, part) % (ulong)count);
    }
}
