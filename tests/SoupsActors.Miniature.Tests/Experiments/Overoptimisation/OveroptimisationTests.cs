using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Miniature.Experiments;
using SoupsActors.Miniature.Experiments.Overoptimisation;

namespace SoupsActors.Miniature.Tests.Experiments.Overoptimisation;

[Collection(TinyMiniature.Tests)]
public sealed class OveroptimisationTests(TinyMiniature miniature)
{
    private static readonly OveroptimisationSettings Small = new()
    {
        Criteria = ["P1A"],
        ComparisonPrompts = 10,
        AnswersPerPrompt = 2,
        SmallestDifference = 0,
        Members = 2,
        RewardEpochs = 1,
        RewardBatch = 4,
        Questions = 2,
        Pool = 8,
        PolicySteps = 2,
        PolicyBatch = 4,
        PolicyEpochs = 1,
        KlCoefficients = [0.01],
        MaxTokens = 12,
    };

    [Fact]
    public async Task A_run_measures_every_objective_and_is_repeated_to_the_bit()
    {
        var first = await RunAsync(miniature.NewOut());
        var report = await File.ReadAllTextAsync(first.Report, Cancellation);
        foreach (var objective in new[] { "single model", "mean", "WCO", "UWO" })
            Assert.Contains($"| {objective} |", report, StringComparison.Ordinal);
        Assert.Contains("(best-of-n.svg)", report, StringComparison.Ordinal);
        Assert.Contains("(ppo-0.01.svg)", report, StringComparison.Ordinal);

        var second = await RunAsync(miniature.NewOut());
        Assert.Equal(await Results(first), await Results(second));
    }

    /// <summary>Two hundred draws from about a thousand questions repeat some of them.</summary>
    [Fact]
    public async Task Comparisons_that_members_are_tested_on_are_of_prompts_that_none_has_seen()
    {
        var prompts = Small with { ComparisonPrompts = 200, MaxTokens = 4 };
        NoisyComparisons? comparisons = null;
        await RunAsync(new Looking(async (context, cancellation) =>
            comparisons = await NoisyComparisons.SampleAsync(context, prompts, cancellation)));
        var seen = comparisons!.Training.Select(Prompt).ToHashSet();
        var tested = comparisons.HeldOut.Select(Prompt).ToHashSet();
        Assert.NotEmpty(tested);
        Assert.Empty(tested.Intersect(seen));
        Assert.InRange(tested.Count / (double)(tested.Count + seen.Count), 0.1, 0.3);

        static string Prompt(TokenPair pair) => string.Join(' ', pair.Prompt);
    }

    [Fact]
    public void Where_each_member_overrates_another_bad_answer_only_the_single_model_is_led_astray()
    {
        // 64 answers of growing worth; each of three members likes one of the worst three far too much.
        double[] gold = [.. Enumerable.Range(0, 64).Select(i => i / 63.0)];
        double[][] members = [.. Enumerable.Range(0, 3).Select(m => gold.Select((g, i) => i == m ? 10 : g).ToArray())];
        var curves = SelectionCurve.Of([new ScoredPool(gold, members, 64), new ScoredPool(gold, members, 64)], penalty: 0.5)
            .ToDictionary(c => c.Objective);
        Assert.Equal([1, 2, 4, 8, 16, 32, 64], curves["WCO"].N);
        Assert.All(curves.Values, c => Assert.Equal(gold.Average(), c.Gold[0], 1e-9));
        Assert.True(curves["single model"].Drop > 0.5);
        Assert.True(curves["mean"].Drop > 0.5);
        Assert.Equal(1, curves["WCO"].Gold[^1], 1e-9);
        Assert.Equal(1, curves["UWO"].Gold[^1], 1e-9);
        Assert.Equal(0, curves["WCO"].Drop);
        Assert.All(curves.Values.SelectMany(c => c.GoldError), e => Assert.Equal(0, e, 1e-9));
    }

    [Fact]
    public void Gold_is_measured_in_deviations_of_the_answers_it_was_scaled_on()
    {
        Rollout[] answers =
        [
            .. new[] { "The sun is a star.", "Photosynthesis converts radiant energy.", "Plants eat light." }
                .Select(text => new Rollout(new RolloutPrompt("What?", [1]), [2], true, text)),
        ];
        var gold = GoldScore.On(["P1A", "P1B"], answers);
        // Opposite criteria cancel, one alone has mean 0 and deviation 1.
        Assert.All(answers, a => Assert.Equal(0, gold.Of(a), 1e-9));
        var child = GoldScore.On(["P1A"], answers);
        Assert.Equal(0, answers.Average(child.Of), 1e-9);
        Assert.Equal(1, answers.Average(a => child.Of(a) * child.Of(a)), 1e-9);
        Assert.True(child.Of(answers[0]) > child.Of(answers[1]));
    }

    [Fact]
    public async Task A_base_whose_answers_do_not_differ_is_refused_with_advice()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => RunAsync(miniature.NewOut(), Small with { ComparisonPrompts = 1, MaxTokens = 1, Criteria = ["P3A"] }));
        Assert.Contains("criteria", error.Message, StringComparison.Ordinal);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Task<byte[]> Results(ExperimentSummary summary) =>
        File.ReadAllBytesAsync(Path.Combine(Path.GetDirectoryName(summary.Report)!, "results.json"), Cancellation);

    private Task<ExperimentSummary> RunAsync(IExperiment experiment) =>
        miniature.RunAsync(experiment, miniature.NewOut(), cancellationToken: Cancellation);

    private Task<ExperimentSummary> RunAsync(string folder, OveroptimisationSettings? settings = null)
    {
        var experiment = new OveroptimisationExperiment(settings ?? Small, settings ?? Small);
        var request = new ExperimentRequest(folder, Quick: true, 1, miniature.Folder);
        return ExperimentRunner.RunAsync(experiment, request, miniature.Backend, cancellationToken: Cancellation);
    }
}
