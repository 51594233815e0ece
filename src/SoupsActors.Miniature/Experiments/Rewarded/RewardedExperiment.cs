using SoupsActors.Learning.Fronts;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Miniature.Corpus;
using SoupsActors.Miniature.Experiments.Answers;
using SoupsActors.Miniature.Experiments.Trainings;
using SoupsActors.Models.Experts;

namespace SoupsActors.Miniature.Experiments.Rewarded;

/// <summary>
/// Rewarded Soups (Ramé et al. 2023) in miniature: the package's experts for single rewards, merged with every λ,
/// beside models that are trained for mixtures; and a control that must fail, experts that do not share their
/// initialisation.
/// </summary>
/// <param name="settings">Numbers to run with instead of the usual quick or full ones.</param>
public sealed class RewardedExperiment(RewardedSettings? settings = null) : IExperiment
{
    // Names of draws. Whatever is compared shares them; what users score is drawn apart from what tells the regret.
    private const int EvaluationDraws = 1;
    private const int PoolDraws = 2;

    /// <summary>
    /// Brevity, friendliness and the specialist's register: one pole of each dimension, so that one answer can meet all
    /// three and what is traded is the share of each in the weights. The first two are swept against each other.
    /// </summary>
    private static readonly string[] Swept = ["P2A", "P3A", "P1B"];

    /// <inheritdoc/>
    public string Name => "rewarded";

    /// <inheritdoc/>
    public string Description =>
        "Rewarded Soups: merges of experts for single rewards, along λ, beside models trained for mixtures of them.";

    /// <inheritdoc/>
    public string Measured =>
        "The package's experts of the 3-million-parameter miniature, trained by PPO from one initialisation, each "
        + "against a reward model, answer questions about held-out topics at temperature 1. Rewards are those reward "
        + "models, in standard deviations of the answers they learnt from; the share of answers that meet the "
        + "programmatic criteria stands beside them. Standard errors are over questions and paired.";

    /// <inheritdoc/>
    public string NotClaimed =>
        "Nothing about large models or people's judgement follows. The rewards are of different dimensions, so one "
        + "answer can meet all of them: the trade is between shares of the weights, not between rewards that exclude "
        + "each other. The models trained for mixtures get the budget of one expert each, from one seed; with more "
        + "they may come out better. A few questions and one training each do not rank soups and mixtures; they tell "
        + "whether the fronts are comparable. Hidden users are simulated and mix the very rewards that are known.";

    /// <inheritdoc/>
    public object Settings(bool quick) => new { Rewards = Swept, Numbers = Numbers(quick) };

    /// <inheritdoc/>
    public async Task<ExperimentReport> RunAsync(ExperimentContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var numbers = Numbers(context.Quick);
        using var rewards = PreferenceRewards.Load(context, Swept);
        RewardedPreference[] preferences = [.. Swept.Select(id => RewardedPreference.Load(context, rewards, id))];
        var trainings = new RewardedTrainings(context, numbers, preferences);
        Expert[] pair = [preferences[0].Expert, preferences[1].Expert];
        Expert[] control = [pair[0], await trainings.ControlAsync(cancellationToken)];

        var both = BothScores.Sources(preferences[..2]);
        IRewardSource[] models = [.. preferences.Select(p => p.Reward)];
        var maxTokens = numbers.Training.MaxTokens;
        var heldOut = new ScoredAnswers(context, HeldOut(context, numbers.Questions), maxTokens);
        var training = new ScoredAnswers(context, OfTraining(context, numbers.KnownQuestions), maxTokens);
        var line = SimplexGrid.Lattice(2, numbers.Divisions);

        Task<PromptScores> Score(RolloutPolicy policy, IEnumerable<IRewardSource> by, CancellationToken cancellation) =>
            heldOut.ScoreAsync(policy, by, numbers.AnswersPerQuestion, EvaluationDraws, cancellation);
        Task<LambdaSweep> Line(string stage, Func<IReadOnlyList<double>, RolloutPolicy> policy) =>
            SweepAsync(context, stage, line, (w, c) => Score(policy(w), models[..2], c), cancellationToken);
        async Task<SweepPoint> Single(string stage, double[] weights, RolloutPolicy policy) =>
            (await context.StageAsync(stage, async () =>
                StoredPoint.Of(new SweepPoint(weights, await Score(policy, both, cancellationToken))))).ToPoint();

        var rivals = new List<SweepPoint>();
        foreach (var share in numbers.Mixtures)
        {
            var trained = await trainings.MixtureAsync(share, cancellationToken);
            rivals.Add(await Single(
                $"{RewardedTrainings.Stage(share)}-scores", [share, 1 - share], RolloutPolicy.Of(trained)));
        }

        var product = await SweepAsync(
            context, "sweep-product", line, (w, c) => Score(Soup(pair, w), both, c), cancellationToken);
        var findings = new RewardedFindings
        {
            Numbers = numbers,
            Preferences = preferences,
            EndpointsEqualExperts = await context.StageAsync(
                "endpoints", () => EndpointsEqualAsync(heldOut, pair, cancellationToken)),
            Base = (await Single("base", [], RolloutPolicy.Base)).Scores,
            Product = product.ByModels(),
            ProductJudged = product.ByJudges(),
            Factor = await Line("sweep-factor", w => Mixed(MergeMode.Factor, pair, w)),
            ControlFactor = await Line("control-factor", w => RolloutPolicy.Of(FactorAverage.Of(control, w))),
            ControlProduct = await Line("control-product", w => Soup(control, w)),
            Simplex = await SweepAsync(
                context,
                "simplex",
                SimplexGrid.Lattice(3, numbers.SimplexDivisions),
                (w, c) => Score(Soup([.. preferences.Select(p => p.Expert)], w), models, c),
                cancellationToken),
            Rivals = rivals,
            Known = await SweepAsync(
                context,
                "known",
                line,
                (w, c) => training.ScoreAsync(
                    Soup(pair, w), models[..2], numbers.AnswersPerQuestion, EvaluationDraws, c),
                cancellationToken),
            Pool = await SweepAsync(
                context,
                "pool",
                line,
                (w, c) => heldOut.ScoreAsync(Soup(pair, w), models[..2], 1, PoolDraws, c),
                cancellationToken),
            Curves = trainings.Curves(),
        };
        var selection = await new SelectionStudy(
            findings.Known,
            findings.Product,
            [.. findings.Pool.Points.Select(p => p.Scores)],
            numbers.ScoredSamples,
            numbers.UserNoise)
            .RunAsync(numbers.HiddenUsers, context.Seed, cancellationToken);
        return RewardedReport.Write(findings, selection, context.Seed);
    }

    private RewardedSettings Numbers(bool quick) =>
        settings ?? (quick ? RewardedSettings.Quick : RewardedSettings.Full);

    private static RolloutPrompt[] HeldOut(ExperimentContext context, int count) =>
    [
        .. HeldOutQuestions.Take(CorpusGenerator.Default, count)
            .Select(q => new RolloutPrompt(q.Text, context.Model.Format.Prompt(q.Text)) { Topic = q.Topic.Id }),
    ];

    private static RolloutPrompt[] OfTraining(ExperimentContext context, int count)
    {
        var questions = TrainingPrompts.Questions(context);
        context.RandomOf("known").Shuffle(questions);
        return questions[..count];
    }

    private static RolloutPolicy Soup(IReadOnlyList<Expert> experts, IReadOnlyList<double> weights) =>
        Mixed(MergeMode.Product, experts, weights);

    private static RolloutPolicy Mixed(
        MergeMode mode, IReadOnlyList<Expert> experts, IReadOnlyList<double> weights) =>
        RolloutPolicy.Of(mode, experts.Zip(weights, (e, w) => (e, (float)w)));

    private static async Task<LambdaSweep> SweepAsync(
        ExperimentContext context,
        string stage,
        IReadOnlyList<double[]> grid,
        Func<IReadOnlyList<double>, CancellationToken, Task<PromptScores>> score,
        CancellationToken cancellationToken)
    {
        var stored = await context.StageAsync(stage, async () =>
        {
            var sweep = await LambdaSweep.RunAsync(
                grid, score, new Points(context, stage, grid.Count), cancellationToken);
            return sweep.Points.Select(StoredPoint.Of).ToArray();
        });
        return new LambdaSweep(stored.Select(p => p.ToPoint()));
    }

    /// <summary>Whether both merges at a vertex of λ give, token by token, the answers of the expert alone.</summary>
    private static async Task<bool> EndpointsEqualAsync(
        ScoredAnswers answers, Expert[] experts, CancellationToken cancellationToken)
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
