using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Training;
using SoupsActors.Miniature.Experiments.Trainings;
using SoupsActors.Models.Experts;

namespace SoupsActors.Miniature.Experiments.Rewarded;

/// <summary>
/// The trainings of <see cref="RewardedExperiment"/>, each with the budget, settings and critic's start of the
/// package's experts.
/// </summary>
internal sealed class RewardedTrainings(
    ExperimentContext context, RewardedSettings settings, IReadOnlyList<RewardedPreference> preferences)
{
    /// <summary>
    /// Multi-objective reinforcement learning: a model trained for the mixture μ of the first two rewards. The critic
    /// starts from the reward model that weighs more.
    /// </summary>
    /// <param name="share">μ, the first reward's weight.</param>
    /// <param name="cancellationToken">Stops; the last checkpoint is kept.</param>
    public Task<Expert> MixtureAsync(double share, CancellationToken cancellationToken) =>
        Mixture(share).TrainAsync(context, preferences[0].Expert, cancellationToken);

    /// <summary>The second preference's expert from another initial A, for the negative control.</summary>
    public Task<Expert> ControlAsync(CancellationToken cancellationToken)
    {
        var preference = preferences[1];
        var run = Run($"expert-{preference.Id}-other-init", preference.Reward, preference) with
        {
            Preference = preference.Id,
            InitSeed = settings.OtherInitSeed,
        };
        return run.TrainAsync(context, preference.Expert, cancellationToken);
    }

    /// <summary>Metrics of each step: those that come with the package, then those of the mixtures.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<TrainingMetrics> Steps)> Curves() =>
    [
        .. preferences.Select(p => ($"expert {p.Id}", MetricLog.Read(context.Miniature.Curve(p.Id)))),
        .. settings.Mixtures.Select(share => (Stage(share), Mixture(share).Curve(context))),
    ];

    /// <summary>The stage that trains for a mixture.</summary>
    public static string Stage(double share) => FormattableString.Invariant($"morl-{share:0.00}");

    private PolicyRun Mixture(double share) => Run(
        Stage(share),
        CombinationReward.Weighted((preferences[0].Reward, share), (preferences[1].Reward, 1 - share)),
        preferences[share >= 0.5 ? 0 : 1]);

    private PolicyRun Run(string stage, IRewardSource reward, RewardedPreference critic) =>
        new(stage, TrainingPrompts.Bare(context, stage, reward, settings.Training), settings.Training)
        {
            CriticStart = critic.Model,
        };
}
