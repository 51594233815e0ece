using SoupsActors.Learning.Rewards;
using SoupsActors.Miniature.Experiments.Trainings;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Miniature.Experiments.Overoptimisation;

/// <summary>
/// What becomes of the gold score when a learnt reward is pushed hard (Coste et al. 2023, arXiv 2310.02743): best-of-n
/// and PPO against one reward model and against ensembles of them, all trained on comparisons of which a quarter is
/// wrong.
/// </summary>
/// <param name="full">Numbers of the full form.</param>
/// <param name="quick">Numbers of the short form.</param>
public sealed class OveroptimisationExperiment(
    OveroptimisationSettings full, OveroptimisationSettings quick) : IExperiment
{
    /// <summary>With the usual numbers.</summary>
    public OveroptimisationExperiment()
        : this(new OveroptimisationSettings(), OveroptimisationSettings.Quick)
    {
    }

    /// <inheritdoc/>
    public string Name => "overoptimisation";

    /// <inheritdoc/>
    public string Description =>
        "Best-of-n and PPO pushed against noisy reward models: a single one, and ensembles by mean, worst case and "
        + "uncertainty.";

    /// <inheritdoc/>
    public string Measured =>
        "Reward models with a LoRA and a head on the miniature's base, trained on comparisons of the base's own "
        + "answers, a quarter of them labelled wrong. The gold score is the mean of three criteria of the programmatic "
        + "judges, each in standard deviations of the base's answers. Best-of-n chooses among answers to held-out "
        + "questions, with the unbiased estimator; PPO starts from the base and is held by its KL penalty alone.";

    /// <inheritdoc/>
    public string NotClaimed =>
        "That sizes of effects carry over to large models or to people's preferences: gold is a set of rules here, and "
        + "the base is a few million parameters with a narrow range of answers.";

    /// <inheritdoc/>
    public object Settings(bool quick) => Of(quick);

    /// <inheritdoc/>
    public async Task<ExperimentReport> RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var settings = Of(context.Quick);
        var comparisons = await context.StageAsync(
            "comparisons", () => NoisyComparisons.SampleAsync(context, settings, cancellationToken));
        var members = new List<RewardModel>();
        try
        {
            for (var m = 0; m < settings.Members; m++)
                members.Add(await MemberAsync(context, settings, comparisons, m, cancellationToken));
            var report = new OveroptimisationReport(settings, comparisons, [.. members.Select(m => m.Card)]);
            report.Write(await SelectAsync(context, settings, comparisons.Gold, members, cancellationToken));
            report.Write(await TrainPoliciesAsync(context, settings, comparisons.Gold, members, cancellationToken));
            return report.Finish();
        }
        finally
        {
            members.ForEach(m => m.Dispose());
        }
    }

    private OveroptimisationSettings Of(bool isQuick) => isQuick ? quick : full;

    private static Task<RewardModel> MemberAsync(
        ExperimentContext context,
        OveroptimisationSettings settings,
        NoisyComparisons comparisons,
        int member,
        CancellationToken cancellationToken)
    {
        var stage = $"reward-{member}";
        return context.RewardAsync(stage, async checkpoint =>
        {
            var steps = RewardTrainingOptions.StepsFor(
                comparisons.Training.Count, settings.RewardBatch, settings.RewardEpochs);
            var shape = new RewardModelOptions
            {
                HeadSeed = context.Seed,
                Lora = new LoraOptions { Rank = 8, Alpha = 32, InitSeed = context.Seed },
            };
            var options = new RewardTrainingOptions
            {
                Steps = steps,
                Schedule = new LearningRateSchedule(ScheduleKind.Linear, settings.RewardRate, steps, steps / 20),
                BatchPairs = settings.RewardBatch,
                ScoreL2 = settings.ScoreL2,
                Seed = context.Seed,
            };
            var model = RewardModel.Create(context.Model.Transformer, context.Model.BaseHash, shape.ForMember(member));
            try
            {
                await RewardTraining.RunAsync(
                    model,
                    comparisons.Training,
                    comparisons.HeldOut,
                    options.ForMember(member),
                    checkpoint,
                    new RewardWatch(context, stage, steps),
                    cancellation: cancellationToken);
                return model;
            }
            catch
            {
                model.Dispose();
                throw;
            }
        });
    }

    private static async Task<IReadOnlyList<ScoredPool>> SelectAsync(
        ExperimentContext context,
        OveroptimisationSettings settings,
        GoldScore gold,
        List<RewardModel> members,
        CancellationToken cancellationToken)
    {
        var pools = new List<ScoredPool>();
        var questions = MiniaturePrompts.HeldOut(context.Model.Format, settings.Questions);
        for (var q = 0; q < questions.Length; q++)
        {
            var seed = unchecked((ulong)context.Seed * 1_000_003 + (ulong)q);
            var prompt = questions[q];
            pools.Add(await context.StageAsync($"pool-{q}", () => ScoredPool.SampleAsync(
                context.Model.Rollouts, prompt, gold, members, settings, seed, cancellationToken)));
        }

        return pools;
    }

    private static async Task<IReadOnlyList<PolicyCurve>> TrainPoliciesAsync(
        ExperimentContext context,
        OveroptimisationSettings settings,
        GoldScore gold,
        List<RewardModel> members,
        CancellationToken cancellationToken)
    {
        RewardModelSource[] sources = [.. members.Select(m => new RewardModelSource(m))];
        (string Name, string Stage, IRewardSource Reward)[] objectives =
        [
            (SelectionCurve.Single, "single", sources[0]),
            (SelectionCurve.Mean, "mean", new EnsembleReward(sources, EnsembleObjective.Mean)),
            (SelectionCurve.WorstCase, "wco", new EnsembleReward(sources, EnsembleObjective.WorstCase)),
            (
                SelectionCurve.Uncertainty,
                "uwo",
                new EnsembleReward(sources, EnsembleObjective.UncertaintyWeighted, settings.PolicyPenalty)),
        ];
        var curves = new List<PolicyCurve>();
        for (var k = 0; k < settings.KlCoefficients.Count; k++)
        {
            foreach (var (name, id, reward) in objectives)
            {
                var (stage, coefficient) = ($"ppo-{id}-{k}", settings.KlCoefficients[k]);
                curves.Add(await context.StageAsync(stage, () => PolicyCurve.TrainAsync(
                    context, settings, name, reward, members[0], gold, coefficient, stage, cancellationToken)));
            }
        }

        return curves;
    }
}
