using SoupsActors.Learning.Rollouts;

namespace SoupsActors.Learning.Policy;

/// <summary>
/// Chooses which of several answers to one prompt a policy learns from (Policy Filtration, Shen and Zhang 2024).
/// </summary>
public interface ISampleFilter
{
    /// <summary>Names the filter in provenance and checkpoints.</summary>
    string Id { get; }

    /// <summary>Indices of the answers that are kept, each at most once, at least one.</summary>
    /// <param name="scores">Scores of the answers to one prompt, at least one.</param>
    /// <param name="seed">Fixes all chance.</param>
    IReadOnlyList<int> Keep(IReadOnlyList<double> scores, ulong seed);
}

/// <summary>The filters of the paper's section 4.2. Among equal scores the earlier answer ranks higher.</summary>
public static class SampleFilters
{
    /// <summary>Keeps all.</summary>
    public static ISampleFilter None { get; } = new RankFilter("none", (count, _) => Enumerable.Range(0, count));

    /// <summary>Keeps the best: weights (1, 0, …, 0).</summary>
    public static ISampleFilter BestOfN { get; } = new RankFilter("best-of-n", (_, _) => [0]);

    /// <summary>
    /// Keeps the best and one of the others at random: weight ½ on the best, ½ spread over the others.
    /// </summary>
    public static ISampleFilter BestRandom { get; } = new RankFilter(
        "best-random",
        (count, seed) => count > 1 ? [0, 1 + (int)(RolloutSeeds.Of(seed, 0) % (ulong)(count - 1))] : [0]);

    /// <summary>Keeps the best and the worst: weight ½ on each.</summary>
    public static ISampleFilter BestWorst { get; } = new RankFilter(
        "best-worst", (count, _) => count > 1 ? [0, count - 1] : [0]);

    private sealed class RankFilter(string id, Func<int, ulong, IEnumerable<int>> ranks) : ISampleFilter
    {
        public string Id => id;

        public IReadOnlyList<int> Keep(IReadOnlyList<double> scores, ulong seed)
        {
            ArgumentNullException.ThrowIfNull(scores);
            int[] ranked = [.. Enumerable.Range(0, scores.Count).OrderByDescending(i => scores[i])];
            return [.. ranks(ranked.Length, seed).Select(rank => ranked[rank])];
        }
    }
}
