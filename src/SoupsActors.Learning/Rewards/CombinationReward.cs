using SoupsActors.Learning.Rollouts;

namespace SoupsActors.Learning.Rewards;

/// <summary>
/// Several rewards as one: Σ μ_i R_i / Σ μ_i, the scalarised reward of multi-objective reinforcement learning (Rewarded
/// Soups, Ramé et al. 2023, section 2.3). The weights are fixed, or each prompt names its own preferences.
/// </summary>
/// <remarks>Rewards of weight 0 are not asked. Rewards at single tokens are combined like whole scores.</remarks>
public sealed class CombinationReward : IRewardSource
{
    private readonly IReadOnlyList<IRewardSource> rewards;
    private readonly Func<RolloutPrompt, double[]> weights;

    private CombinationReward(
        string id, IReadOnlyList<IRewardSource> rewards, Func<RolloutPrompt, double[]> weights)
    {
        Id = id;
        this.rewards = rewards;
        this.weights = weights;
    }

    /// <inheritdoc/>
    public string Id { get; }

    /// <summary>The same weights μ for every prompt.</summary>
    /// <param name="terms">Rewards and their weights, zero or positive, at least one positive.</param>
    /// <exception cref="ArgumentException">A weight is negative or not finite, or none is positive.</exception>
    public static CombinationReward Weighted(params IReadOnlyList<(IRewardSource Reward, double Weight)> terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        if (terms.Any(t => !(double.IsFinite(t.Weight) && t.Weight >= 0)) || terms.Sum(t => t.Weight) is 0)
            throw new ArgumentException("Weights are zero or positive, and one at least is positive.", nameof(terms));
        double[] fixedWeights = [.. terms.Select(t => t.Weight)];
        return new CombinationReward(
            "weighted(" + string.Join(", ", terms.Select(t => $"{t.Weight:R} {t.Reward.Id}")) + ")",
            [.. terms.Select(t => t.Reward)],
            _ => fixedWeights);
    }

    /// <summary>
    /// The mean over the rewards of <see cref="RolloutPrompt.Preferences"/>, as Prompted-MORL has it (Personalized
    /// Soups, Jang et al. 2023). Preferences are known by id, never by their words in the prompt.
    /// </summary>
    /// <param name="rewardOf">For each preference's id the reward that measures it.</param>
    /// <remarks>Scoring a prompt without preferences, or with one that has no reward, is an error.</remarks>
    public static CombinationReward OfPreferences(IReadOnlyDictionary<string, IRewardSource> rewardOf)
    {
        ArgumentNullException.ThrowIfNull(rewardOf);
        string[] ids = [.. rewardOf.Keys.Order(StringComparer.Ordinal)];
        if (ids.Length == 0)
            throw new ArgumentException("There is no preference with a reward.", nameof(rewardOf));
        return new CombinationReward(
            "preferences(" + string.Join(", ", ids.Select(id => $"{id} {rewardOf[id].Id}")) + ")",
            [.. ids.Select(id => rewardOf[id])],
            prompt =>
            {
                if (prompt.Preferences.Count == 0)
                    throw new InvalidOperationException($"The prompt '{prompt.Text}' names no preferences to reward.");
                var active = new double[ids.Length];
                foreach (var preference in prompt.Preferences)
                {
                    var index = Array.IndexOf(ids, preference);
                    if (index < 0)
                    {
                        throw new InvalidOperationException(
                            $"There is no reward for the preference '{preference}'. There is one for "
                            + $"{string.Join(", ", ids)}.");
                    }

                    active[index] = 1;
                }

                return active;
            });
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RewardSignal>> ScoreAsync(
        IReadOnlyList<Rollout> rollouts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rollouts);
        double[][] shares = [.. rollouts.Select(r => Shares(weights(r.Prompt)))];
        var scores = new double[rollouts.Count];
        var perToken = new float[]?[rollouts.Count];
        for (var reward = 0; reward < rewards.Count; reward++)
        {
            // Each reward scores, in one call, the whole answers of the prompts that want it.
            int[] wanted = [.. Enumerable.Range(0, rollouts.Count).Where(r => shares[r][reward] > 0)];
            if (wanted.Length == 0)
                continue;
            var signals = await rewards[reward].ScoreAsync([.. wanted.Select(r => rollouts[r])], cancellationToken);
            foreach (var (signal, row) in signals.Zip(wanted))
            {
                var share = shares[row][reward];
                scores[row] += share * signal.Score;
                if (signal.PerToken is not { } tokens)
                    continue;
                var sum = perToken[row] ??= new float[tokens.Length];
                for (var t = 0; t < tokens.Length; t++)
                    sum[t] += (float)(share * tokens[t]);
            }
        }

        return [.. scores.Zip(perToken, (score, tokens) => new RewardSignal(score) { PerToken = tokens })];
    }

    private static double[] Shares(double[] weights)
    {
        var sum = weights.Sum();
        return [.. weights.Select(w => w / sum)];
    }
}
