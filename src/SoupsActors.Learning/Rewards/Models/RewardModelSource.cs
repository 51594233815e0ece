using SoupsActors.Learning.Rollouts;

namespace SoupsActors.Learning.Rewards;

/// <summary>A reward model as the reward of a policy.</summary>
/// <param name="model">The model; stays the caller's.</param>
/// <param name="normalised">
/// Scores on the scale of the training answers, mean 0 and standard deviation 1, so that several models can be averaged
/// (reward scales of models trained apart differ, arXiv 2312.07401, table 2); false for raw scores.
/// </param>
/// <param name="promptTokens">
/// The prompt that the model reads, where it is another one than the policy's; null for the same.
/// </param>
public sealed class RewardModelSource(
    RewardModel model, bool normalised = true, Func<RolloutPrompt, int[]>? promptTokens = null) : IRewardSource
{
    /// <inheritdoc/>
    public string Id { get; } = $"{model.Card.Preference ?? "reward"}:{model.ContentHash()[..16]}";

    /// <summary>The model.</summary>
    public RewardModel Model { get; } = model;

    /// <inheritdoc/>
    public Task<IReadOnlyList<RewardSignal>> ScoreAsync(
        IReadOnlyList<Rollout> rollouts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rollouts);
        var raw = Model.Score([.. rollouts.Select(Sequence)], cancellationToken);
        return Task.FromResult<IReadOnlyList<RewardSignal>>(
            [.. raw.Select(score => new RewardSignal(normalised ? Model.Card.Normalise(score) : score))]);
    }

    /// <summary>Prompt and answer; of what is too long for the base, the beginning is left out.</summary>
    private int[] Sequence(Rollout rollout)
    {
        int[] tokens = [.. promptTokens?.Invoke(rollout.Prompt) ?? rollout.Prompt.Tokens, .. rollout.Response];
        return tokens.Length <= Model.MaxTokens ? tokens : tokens[^Model.MaxTokens..];
    }
}
