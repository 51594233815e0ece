using System.Globalization;
using SoupsActors.Learning.Rollouts;

namespace SoupsActors.Learning.Rewards;

/// <summary>
/// Several rewards as one. Members are reward models trained on the same data with other seeds; four or five are enough
/// (Coste et al. 2023, section 5.4).
/// </summary>
public sealed class EnsembleReward : IRewardSource
{
    private readonly IReadOnlyList<IRewardSource> members;
    private readonly EnsembleObjective objective;
    private readonly double uncertaintyPenalty;

    /// <summary>Creates an ensemble.</summary>
    /// <param name="members">At least one, their scores on one scale.</param>
    /// <param name="objective">How their scores become one.</param>
    /// <param name="uncertaintyPenalty">λ of the uncertainty-weighted objective, zero or positive.</param>
    public EnsembleReward(
        IReadOnlyList<IRewardSource> members, EnsembleObjective objective, double uncertaintyPenalty = 0.5)
    {
        ArgumentNullException.ThrowIfNull(members);
        if (members.Count == 0)
            throw new ArgumentException("An ensemble needs at least one member.", nameof(members));
        if (uncertaintyPenalty is not (>= 0 and < double.PositiveInfinity))
        {
            throw new ArgumentOutOfRangeException(
                nameof(uncertaintyPenalty), uncertaintyPenalty, "The penalty of uncertainty is zero or positive.");
        }

        this.members = members;
        this.objective = objective;
        this.uncertaintyPenalty = uncertaintyPenalty;
        var name = objective switch
        {
            EnsembleObjective.Mean => "mean",
            EnsembleObjective.WorstCase => "wco",
            _ => string.Create(CultureInfo.InvariantCulture, $"uwo{uncertaintyPenalty}"),
        };
        Id = $"{name}({string.Join(",", members.Select(m => m.Id))})";
    }

    /// <inheritdoc/>
    public string Id { get; }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">A member scores single tokens; the objectives are of whole answers.</exception>
    public async Task<IReadOnlyList<RewardSignal>> ScoreAsync(
        IReadOnlyList<Rollout> rollouts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rollouts);
        var scores = new List<IReadOnlyList<RewardSignal>>(members.Count);
        foreach (var member in members)
            scores.Add(await member.ScoreAsync(rollouts, cancellationToken));
        if (scores.SelectMany(s => s).Any(s => s.PerToken is not null))
            throw new NotSupportedException("Ensembles combine scores of whole answers; a member gave rewards to single tokens.");
        return
        [
            .. Enumerable.Range(0, rollouts.Count).Select(row => new RewardSignal(
                EnsembleScores.Combine([.. scores.Select(s => s[row].Score)], objective, uncertaintyPenalty))),
        ];
    }
}
