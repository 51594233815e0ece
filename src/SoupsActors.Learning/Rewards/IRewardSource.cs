using SoupsActors.Learning.Rollouts;

namespace SoupsActors.Learning.Rewards;

/// <summary>What a rollout earned.</summary>
/// <param name="Score">Reward of the whole answer; a policy gets it at the last token.</param>
public readonly record struct RewardSignal(double Score)
{
    /// <summary>
    /// Rewards at single response tokens, added to what <see cref="Score"/> gives; null for none, else as long as the
    /// response. Segment rewards (Wu et al. 2023) come in this way.
    /// </summary>
    public float[]? PerToken { get; init; }
}

/// <summary>Scores answers: a reward model, several of them, or a rule.</summary>
public interface IRewardSource
{
    /// <summary>Names the reward in provenance and reports.</summary>
    string Id { get; }

    /// <summary>One signal for each rollout, in their order.</summary>
    Task<IReadOnlyList<RewardSignal>> ScoreAsync(
        IReadOnlyList<Rollout> rollouts, CancellationToken cancellationToken = default);
}

/// <summary>A rule as a reward, such as the gold metric of a test.</summary>
/// <param name="id">Names the reward.</param>
/// <param name="score">Scores one rollout.</param>
public sealed class RuleReward(string id, Func<Rollout, double> score) : IRewardSource
{
    /// <inheritdoc/>
    public string Id { get; } = id;

    /// <inheritdoc/>
    public Task<IReadOnlyList<RewardSignal>> ScoreAsync(
        IReadOnlyList<Rollout> rollouts, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<RewardSignal>>([.. rollouts.Select(r => new RewardSignal(score(r)))]);
}
