using SoupsActors.Learning.Fronts;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Models.Experts;

namespace SoupsActors.Miniature.Experiments.Rewarded;

/// <summary>
/// Rewarded Soups (Ramé et al. 2023) in miniature: experts for single rewards, merged with every λ, beside models that
/// were trained for mixtures; and a control that must fail, experts that do not share their initialisation.
/// </summary>
/// <param name="settings">Numbers to run with instead of the usual quick or full ones.</param>
/// <param name="criteria">Three rewards; the first two are swept against each other.</param>
public sealed class RewardedExperiment(
    RewardedSettings? settings = null, IReadOnlyList<RewardedCriterion>? criteria = null) : IExperiment
{
    // Names of draws. Whatever is compared shares them; what users score is drawn apart from what tells the regret.
    private const int EvaluationDraws = 1;
    private const int PoolDraws = 2;
    private const int BaseDraws = 3;

    private readonly IReadOnlyList<RewardedCriterion> criteria = criteria ?? RewardedCriterion.Default;

    /// <inheritdoc/>
    public string Name => "rewarded";

    /// <inheritdoc/>
    public string Description =>
        "Rewarded Soups: merges of experts for single rewards, along λ, beside models trained for mixtures of them.";

    /// <inheritdoc/>
    public string Measured =>
        "Experts of the 3-million-parameter miniature, trained by PPO from one initialisation on programmatic rewards, "
        + "answer held-out questions at temperature 1; rewards are the same programmatic ones, in standard deviations "
        + "of the base model's answers. Standard errors are over questions and paired.";

    /// <inheritdoc/>
    public string NotClaimed =>
        "Nothing about large models, learnt reward models or people's judgement follows. The rewards are of different "
        + "dimensions, so one answer can meet all of them: the trade is between shares of the weights, not between "
        + "rewards that exclude each other. The models trained for mixtures get as many steps as each expert, no more.";

    /// <inheritdoc/>
    public object Settings(bool quick) =>
        new { Rewards = criteria.Select(c => c.Id).ToArray(), Numbers = Numbers(quick) };

    /// <inheritdoc/>
    public async Task<ExperimentReport> RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var numbers = Numbers(context.Quick);
        var answers = new HeldOutAnswers(context, numbers);
        var training = new RewardedTraining(context, numbers);
        var rewards = await StandardiseAsync(context, answers, numbers, cancellationToken);

        var experts = new List<Expert>();
        foreach (var reward in rewards)
        {
            experts.Add(await training.RunAsync(
                $"expert-{reward.Criterion.Id}", Single(reward), numbers.InitSeed, cancellationToken));
        }

        // The rewards of the control's experts are those of the first two; only the second's initialisation differs.
        Expert[] pair = [experts[0], experts[1]];
        Expert[] control =
        [
            experts[0],
            await training.RunAsync(
                $"expert-{rewards[1].Criterion.Id}-other-init",
                Single(rewards[1]),
                numbers.OtherInitSeed,
                cancellationToken),
        ];
        StandardReward[] swept = [rewards[0], rewards[1]];
        var rivals = await RivalsAsync(context, training, answers, swept, numbers, cancellationToken);

        var line = SimplexGrid.Lattice(2, numbers.Divisions);
        Task<LambdaSweep> Sweep(
            string stage,
            IReadOnlyList<double[]> grid,
            IReadOnlyList<StandardReward> by,
            Func<IReadOnlyList<double>, RolloutPolicy> policy) =>
            SweepAsync(context, stage, grid, policy, (p, c) =>
                answers.ScoreAsync(p, by, numbers.AnswersPerQuestion, EvaluationDraws, c), cancellationToken);

        var findings = new RewardedFindings
        {
            Numbers = numbers,
            Rewards = rewards,
            EndpointsEqualExperts = await context.StageAsync(
                "endpoints", () => EndpointsEqualAsync(answers, pair, cancellationToken)),
            Factor = await Sweep("sweep-factor", line, swept, w => Mixed(MergeMode.Factor, pair, w)),
            Product = await Sweep("sweep-product", line, swept, w => Mixed(MergeMode.Product, pair, w)),
            ControlFactor = await Sweep(
                "control-factor", line, swept, w => RolloutPolicy.Of(FactorAverage.Of(control, w))),
            ControlProduct = await Sweep("control-product", line, swept, w => Mixed(MergeMode.Product, control, w)),
            Simplex = await Sweep(
                "simplex",
                SimplexGrid.Lattice(3, numbers.SimplexDivisions),
                rewards,
                w => Mixed(MergeMode.Product, experts, w)),
            Rivals = rivals,
            Pool = await SweepAsync(
                context,
                "pool",
                line,
                w => Mixed(MergeMode.Product, pair, w),
                (p, c) => answers.ScoreAsync(p, swept, 1, PoolDraws, c),
                cancellationToken),
            Curves = [.. rewards
                .Select(r => $"expert-{r.Criterion.Id}")
                .Concat(numbers.Mixtures.Select(RivalStage))
                .Select(name => (name, training.Curve(name)))],
        };
        var selection = await new SelectionStudy(
            findings.Product, [.. findings.Pool.Points.Select(p => p.Scores)], numbers.ScoredSamples, numbers.UserNoise)
            .RunAsync(numbers.HiddenUsers, context.Seed, cancellationToken);
        return RewardedReport.Write(findings, selection, context.Seed);
    }

    private RewardedSettings Numbers(bool quick) =>
        settings ?? (quick ? RewardedSettings.Quick : RewardedSettings.Full);

    private static string RivalStage(double mixture) => $"morl-{mixture:0.00}";

    private static RuleReward Single(StandardReward reward) => new(reward.Criterion.Id, reward.Of);

    private static RolloutPolicy Mixed(
        MergeMode mode, IReadOnlyList<Expert> experts, IReadOnlyList<double> weights) =>
        RolloutPolicy.Of(mode, experts.Zip(weights, (e, w) => (e, (float)w)));

    private async Task<StandardReward[]> StandardiseAsync(
        ExperimentContext context,
        HeldOutAnswers answers,
        RewardedSettings numbers,
        CancellationToken cancellationToken)
    {
        var scales = await context.StageAsync("base", async () =>
        {
            var ofBase = await answers.SampleAsync(
                RolloutPolicy.Base, numbers.AnswersPerQuestion, BaseDraws, cancellationToken);
            var found = criteria.Select(c => StandardReward.Of(c, ofBase));
            return found.Select(r => new[] { r.Mean, r.Deviation }).ToArray();
        });
        return [.. criteria.Zip(scales, (c, s) => new StandardReward(c, s[0], s[1]))];
    }

    /// <summary>Multi-objective reinforcement learning: one training for each mixture μ of the two rewards.</summary>
    private static async Task<IReadOnlyList<SweepPoint>> RivalsAsync(
        ExperimentContext context,
        RewardedTraining training,
        HeldOutAnswers answers,
        StandardReward[] rewards,
        RewardedSettings numbers,
        CancellationToken cancellationToken)
    {
        var rivals = new List<SweepPoint>();
        foreach (var share in numbers.Mixtures)
        {
            var mixture = new RuleReward(
                $"{share:0.00}*{rewards[0].Criterion.Id}+{1 - share:0.00}*{rewards[1].Criterion.Id}",
                answer => share * rewards[0].Of(answer) + (1 - share) * rewards[1].Of(answer));
            var expert = await training.RunAsync(RivalStage(share), mixture, numbers.InitSeed, cancellationToken);
            var stored = await context.StageAsync($"{RivalStage(share)}-scores", async () =>
            {
                var scores = await answers.ScoreAsync(
                    RolloutPolicy.Of(expert), rewards, numbers.AnswersPerQuestion, EvaluationDraws, cancellationToken);
                return StoredPoint.Of([share, 1 - share], scores);
            });
            rivals.Add(stored.ToPoint());
        }

        return rivals;
    }

    private static async Task<LambdaSweep> SweepAsync(
        ExperimentContext context,
        string stage,
        IReadOnlyList<double[]> grid,
        Func<IReadOnlyList<double>, RolloutPolicy> policy,
        Func<RolloutPolicy, CancellationToken, Task<PromptScores>> score,
        CancellationToken cancellationToken)
    {
        var stored = await context.StageAsync(stage, async () =>
        {
            var sweep = await LambdaSweep.RunAsync(
                grid, (w, c) => score(policy(w), c), new Points(context, stage, grid.Count), cancellationToken);
            return sweep.Points.Select(p => StoredPoint.Of(p.Weights, p.Scores)).ToArray();
        });
        return new LambdaSweep(stored.Select(p => p.ToPoint()));
    }

    /// <summary>Whether both merges at a vertex of λ give, token by token, the answers of the expert alone.</summary>
    private static async Task<bool> EndpointsEqualAsync(
        HeldOutAnswers answers, Expert[] experts, CancellationToken cancellationToken)
    {
        for (var i = 0; i < experts.Length; i++)
        {
            var alone = await answers.SampleAsync(RolloutPolicy.Of(experts[i]), 1, EvaluationDraws, cancellationToken);
            foreach (var mode in new[] { MergeMode.Factor, MergeMode.Product })
            {
                var merged = await answers.SampleAsync(
                    Mixed(mode, experts, SimplexGrid.Vertex(2, i)), 1, EvaluationDraws, cancellationToken);
                if (!alone.Zip(merged).All(pair => pair.First.Response.SequenceEqual(pair.Second.Response)))
                    return false;
            }
        }

        return true;
    }

    private sealed class Points(ExperimentContext context, string stage, int count) : IProgress<SweepPoint>
    {
        private int done;

        public void Report(SweepPoint value) => context.Report(stage, ++done, count);
    }
}
