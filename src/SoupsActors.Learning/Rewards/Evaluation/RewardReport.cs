using SoupsActors.Learning.Data;

namespace SoupsActors.Learning.Rewards;

/// <summary>What a reward makes of comparisons.</summary>
/// <param name="Pairs">Comparisons.</param>
/// <param name="Accuracy">Share that it orders as they are labelled; a tie counts half.</param>
/// <param name="Loss">Mean of −log σ(Δr), in nats.</param>
/// <param name="MeanGap">Mean of Δr = r_chosen − r_rejected.</param>
/// <param name="MeanAbsoluteGap">Mean of |Δr|: how far apart it puts answers; over-rewarding shows here.</param>
/// <param name="CalibrationError">Expected calibration error in 10 bins, both orders.</param>
/// <param name="CalibrationError5">The same in 5 bins.</param>
/// <param name="CalibrationError20">The same in 20 bins.</param>
/// <param name="Scores">Distribution of the raw scores of all answers.</param>
public sealed record RewardReport(
    int Pairs,
    double Accuracy,
    double Loss,
    double MeanGap,
    double MeanAbsoluteGap,
    double CalibrationError,
    double CalibrationError5,
    double CalibrationError20,
    Distribution Scores)
{
    private const int PairsPerTurn = 32;

    /// <summary>Scores comparisons and describes the result.</summary>
    /// <param name="network">The reward.</param>
    /// <param name="pairs">At least one.</param>
    /// <param name="betweenBatches">Awaited between batches, so that others get their turn.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public static async Task<RewardReport> MeasureAsync(
        IRewardNetwork network,
        IReadOnlyList<TokenPair> pairs,
        Func<CancellationToken, ValueTask>? betweenBatches = null,
        CancellationToken cancellation = default)
    {
        var (chosen, rejected) = await ScoreAsync(network, pairs, betweenBatches, cancellation);
        return Of(chosen, rejected);
    }

    /// <summary>Scores comparisons and describes each data set apart, by <see cref="TokenPair.Source"/>.</summary>
    /// <param name="network">The reward.</param>
    /// <param name="pairs">At least one.</param>
    /// <param name="betweenBatches">Awaited between batches, so that others get their turn.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public static async Task<IReadOnlyDictionary<int, RewardReport>> MeasureBySourceAsync(
        IRewardNetwork network,
        IReadOnlyList<TokenPair> pairs,
        Func<CancellationToken, ValueTask>? betweenBatches = null,
        CancellationToken cancellation = default)
    {
        var (chosen, rejected) = await ScoreAsync(network, pairs, betweenBatches, cancellation);
        return BySource(pairs, chosen, rejected);
    }

    /// <summary>Describes scores of each data set apart, by <see cref="TokenPair.Source"/>.</summary>
    /// <param name="pairs">The comparisons.</param>
    /// <param name="chosen">Score of each one's chosen answer.</param>
    /// <param name="rejected">Score of each one's rejected answer.</param>
    public static IReadOnlyDictionary<int, RewardReport> BySource(
        IReadOnlyList<TokenPair> pairs, IReadOnlyList<float> chosen, IReadOnlyList<float> rejected)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return new SortedDictionary<int, RewardReport>(Enumerable.Range(0, pairs.Count)
            .GroupBy(i => pairs[i].Source)
            .ToDictionary(g => g.Key, g => Of([.. g.Select(i => chosen[i])], [.. g.Select(i => rejected[i])])));
    }

    /// <summary>Scores comparisons and describes the result.</summary>
    /// <param name="network">The reward.</param>
    /// <param name="pairs">At least one.</param>
    public static RewardReport Of(IRewardNetwork network, IReadOnlyList<TokenPair> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return Of(
            network.Score([.. pairs.Select(p => PairBatch.Join(p.Prompt, p.Chosen))]),
            network.Score([.. pairs.Select(p => PairBatch.Join(p.Prompt, p.Rejected))]));
    }

    /// <summary>Describes scores of chosen and rejected answers, one each for a pair.</summary>
    public static RewardReport Of(IReadOnlyList<float> chosen, IReadOnlyList<float> rejected)
    {
        ArgumentNullException.ThrowIfNull(chosen);
        ArgumentNullException.ThrowIfNull(rejected);
        if (chosen.Count != rejected.Count || chosen.Count == 0)
            throw new ArgumentException("A report needs as many chosen as rejected scores, and at least one.", nameof(rejected));
        var gaps = chosen.Zip(rejected, (c, r) => (double)c - r).ToArray();
        return new RewardReport(
            gaps.Length,
            chosen.Zip(rejected, Order).Average(),
            gaps.Average(g => Math.Log(1 + Math.Exp(-Math.Abs(g))) + Math.Max(0, -g)),
            gaps.Average(),
            gaps.Average(Math.Abs),
            Rewards.CalibrationError.Of(gaps),
            Rewards.CalibrationError.Of(gaps, 5),
            Rewards.CalibrationError.Of(gaps, 20),
            Distribution.Of(chosen.Concat(rejected)));
    }

    private static async Task<(List<float> Chosen, List<float> Rejected)> ScoreAsync(
        IRewardNetwork network,
        IReadOnlyList<TokenPair> pairs,
        Func<CancellationToken, ValueTask>? betweenBatches,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        var chosen = new List<float>(pairs.Count);
        var rejected = new List<float>(pairs.Count);
        foreach (var part in pairs.Chunk(PairsPerTurn))
        {
            if (betweenBatches is not null)
                await betweenBatches(cancellation);
            chosen.AddRange(network.Score([.. part.Select(p => PairBatch.Join(p.Prompt, p.Chosen))], cancellation));
            rejected.AddRange(network.Score([.. part.Select(p => PairBatch.Join(p.Prompt, p.Rejected))], cancellation));
        }

        return (chosen, rejected);
    }

    /// <summary>1 where the chosen answer scores higher, 0 where lower, 0.5 where equal.</summary>
    internal static double Order(float chosen, float rejected) =>
        chosen > rejected ? 1 : chosen < rejected ? 0 : 0.5;
}
