using SoupsActors.Learning.Direct;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Learning.Tests.Policy;
using SoupsActors.Learning.Training;
using SoupsActors.Models.Experts;
using SoupsActors.Tensors;
using SoupsActors.Testing;

namespace SoupsActors.Learning.Tests.Direct;

public sealed class OnlineDpoTrainingTests : IDisposable
{
    private const int PromptCount = 24;

    private static readonly OnlineDpoOptions Options = new()
    {
        Iterations = 3,
        MaxTokens = PpoLab.MaxTokens,
        Epochs = 2,
        BatchPairs = 8,
        LearningRate = 5e-3,
        Loss = new PairwiseLoss { Beta = 0.1 },
        Seed = 3,
        MaxKlPerToken = null,
        MaxChosenDropPerToken = null,
        CheckpointEvery = 2,
    };

    private readonly TemporaryFolder folder = new();
    private readonly List<TrainingMetrics> seen = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Three_iterations_earn_more_than_one_offline_pass_over_as_many_pairs()
    {
        // Three seeds: a single pair of runs can go either way.
        var before = await MeanReward(_ => Task.CompletedTask);
        double online = 0, offline = 0;
        foreach (var seed in (ulong[])[3, 4, 5])
        {
            var options = Options with { Epochs = 4, Seed = seed };
            online += await MeanReward(lab => Train(lab, options)) / 3;
            offline += await MeanReward(lab => Train(
                lab, options with { Iterations = 1 }, prompts: PromptCount * options.Iterations)) / 3;
        }

        Assert.True(offline > before + 0.05, $"offline {offline:F3}, before {before:F3}");
        Assert.True(online > offline + 0.02, $"online {online:F3}, offline {offline:F3}");
    }

    [Theory]
    [InlineData(OnlineReference.Initial)]
    [InlineData(OnlineReference.IterationStart)]
    public async Task A_run_stopped_anywhere_ends_with_the_same_weights(OnlineReference reference)
    {
        var options = Options with { Iterations = 2, Reference = reference };
        await using var undisturbed = new PpoLab();
        var expected = await Train(undisturbed, options);
        var metrics = seen.ToArray();

        // Stopped at every fifth chance: while answers are measured, between steps, in either iteration.
        var files = new OnlineDpoFiles(folder["run"], "test");
        OnlineDpoResult? result = null;
        for (var stopAfter = 5; result is null; stopAfter += 5)
        {
            await using var lab = new PpoLab();
            using var stop = new CancellationTokenSource();
            var chances = 0;
            try
            {
                result = await Train(lab, options, files, hook: async token =>
                {
                    if (++chances == stopAfter)
                        await stop.CancelAsync();
                    token.ThrowIfCancellationRequested();
                }, cancellation: stop.Token);
                Assert.Equal(Weights(undisturbed), Weights(lab));
            }
            catch (OperationCanceledException)
            {
                Assert.True(stopAfter < 500);
            }
        }

        Assert.Equal(
            (expected.Iterations, expected.Steps, expected.Pairs), (result.Iterations, result.Steps, result.Pairs));
        var log = MetricLog.Read(files.MetricsPath);
        Assert.Equal(metrics.Select(m => m.Step), log.Select(m => m.Step));
        Assert.Equal(metrics.Select(m => m[MetricNames.Loss]), log.Select(m => m[MetricNames.Loss]));
        Assert.Equal(metrics.Select(m => m[MetricNames.Scores]), log.Select(m => m[MetricNames.Scores]));
        Assert.Single(Directory.GetFiles(files.Folder, "*.safetensors"));
    }

    [Fact]
    public async Task A_folder_of_other_settings_is_refused()
    {
        var files = new OnlineDpoFiles(folder["run"], "test");
        await using var lab = new PpoLab();
        await Train(lab, Options with { Iterations = 1 }, files);
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => Train(lab, Options with { Iterations = 1, Seed = 4 }, files));
    }

    [Fact]
    public async Task The_first_step_of_each_iteration_says_how_the_answers_were()
    {
        await using var lab = new PpoLab();
        var result = await Train(lab, Options);
        Assert.Equal(Enumerable.Range(1, result.Steps), seen.Select(m => m.Step));
        var firsts = seen.Where(m => m.Values.ContainsKey(MetricNames.Scores)).ToArray();
        Assert.Equal(3, firsts.Length);
        Assert.Equal(result.Pairs, firsts.Sum(m => m[MetricNames.Pairs]));
        Assert.Equal(0, firsts[0][MetricNames.Kl]);
        Assert.True(firsts[^1][MetricNames.Kl] > 0);
        Assert.True(firsts[^1][MetricNames.Scores] > firsts[0][MetricNames.Scores]);
        Assert.Equal(3 * PromptCount * Options.SamplesPerPrompt, result.Episodes);
    }

    [Fact]
    public async Task The_start_of_an_iteration_as_reference_begins_each_at_log_two()
    {
        await using var lab = new PpoLab();
        await Train(lab, Options with { Reference = OnlineReference.IterationStart });
        Assert.All(
            seen.Where(m => m.Values.ContainsKey(MetricNames.Scores)),
            m => Assert.Equal(Math.Log(2), m[MetricNames.Loss], 5));
    }

    [Fact]
    public async Task A_policy_that_leaves_the_bound_is_put_back()
    {
        await using var lab = new PpoLab();
        await Assert.ThrowsAsync<DivergedException>(() => Train(lab, Options with { MaxKlPerToken = 1e-4 }));
        Assert.All(
            lab.Policy.Parameters.Where(p => p.Name.EndsWith("lora_B", StringComparison.Ordinal)),
            p => Assert.All(p.ToArray(), value => Assert.Equal(0, value)));
    }

    [Fact]
    public async Task Answers_that_all_score_alike_teach_nothing()
    {
        await using var lab = new PpoLab();
        var before = Weights(lab);
        var result = await Train(lab, Options, reward: new RuleReward("same", _ => 1));
        Assert.Equal((3, 0, 0L), (result.Iterations, result.Steps, result.Pairs));
        Assert.Equal(before, Weights(lab));
    }

    [Theory]
    [InlineData(PairSelection.MaxMin, 2, 3)]
    [InlineData(PairSelection.MaxMax, 2, 0)]
    [InlineData(PairSelection.MaxMinLengthPenalty, 0, 2)]
    public void Pairs_follow_their_rule(PairSelection selection, int chosen, int rejected) => Assert.Equal(
        (chosen, rejected),
        PairSelector.Select([3, 2, 4, 1], [1, 1, 30, 1], selection, lengthPenalty: 0.2, seed: 1));

    [Theory]
    [InlineData(PairSelection.Random)]
    [InlineData(PairSelection.MaxRandom)]
    public void Drawn_pairs_reach_every_answer_and_prefer_the_better(PairSelection selection)
    {
        double[] scores = [3, 2, 4, 1];
        var pairs = Enumerable.Range(0, 200)
            .Select(seed => PairSelector.Select(scores, [1, 1, 1, 1], selection, 0, (ulong)seed)!.Value).ToArray();
        Assert.All(pairs, p => Assert.True(scores[p.Chosen] > scores[p.Rejected]));
        Assert.Equal([0, 1, 3], pairs.Select(p => p.Rejected).Distinct().Order());
        int[] chosen = selection == PairSelection.MaxRandom ? [2] : [0, 1, 2];
        Assert.Equal(chosen, pairs.Select(p => p.Chosen).Distinct().Order());
    }

    [Fact]
    public void Equal_scores_make_no_pair() => Assert.All(
        Enum.GetValues<PairSelection>(),
        selection => Assert.Null(PairSelector.Select([1, 1, 1], [2, 2, 2], selection, 0.1, seed: 5)));

    [Fact]
    public void Settings_out_of_range_are_refused_by_name()
    {
        foreach (var (options, name) in (IEnumerable<(OnlineDpoOptions, string)>)[
            (Options with { SamplesPerPrompt = 1 }, nameof(OnlineDpoOptions.SamplesPerPrompt)),
            (Options with { Temperature = 0 }, nameof(OnlineDpoOptions.Temperature)),
            (Options with { LearningRate = double.NaN }, nameof(OnlineDpoOptions.LearningRate)),
            (Options with { Loss = new PairwiseLoss { Beta = 0 } }, nameof(PairwiseLoss.Beta))])
        {
            Assert.Contains(name, Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
        }
    }

    private Task<OnlineDpoResult> Train(
        PpoLab lab,
        OnlineDpoOptions options,
        OnlineDpoFiles? files = null,
        IRewardSource? reward = null,
        int prompts = PromptCount,
        Func<CancellationToken, ValueTask>? hook = null,
        CancellationToken cancellation = default) => OnlineDpoTraining.RunAsync(
        lab.Model,
        lab.Policy,
        new OnlineDpoEnvironment
        {
            BaseHash = lab.Environment.BaseHash,
            Prompts = iteration =>
                [.. Enumerable.Range(0, prompts).Select(i => PpoLab.Prompt((iteration * 31 + i) % 7))],
            Rollouts = lab.Rollouts,
            Reward = reward ?? lab.Environment.Reward,
            BetweenBatches = hook,
        },
        options,
        files: files,
        progress: new Collect(seen),
        cancellation: cancellation);

    /// <summary>Mean reward of fresh answers after a training.</summary>
    private static async Task<double> MeanReward(Func<PpoLab, Task> train)
    {
        await using var lab = new PpoLab();
        await train(lab);
        var expert = ExpertContent.Create(
            "policy", lab.Policy.ToFactors(), new ExpertProvenance(lab.Environment.BaseHash));
        var answers = await lab.Rollouts.SampleAsync(
            [.. Enumerable.Range(0, 200).Select(i => PpoLab.Prompt(i % 7))],
            RolloutPolicy.Of(expert),
            new RolloutOptions { MaxTokens = PpoLab.MaxTokens, Seed = 77 },
            TestContext.Current.CancellationToken);
        return answers.Average(PpoLab.Share);
    }

    private static float[] Weights(PpoLab lab) => [.. lab.Policy.Parameters.SelectMany(p => p.ToArray())];

    private sealed class Collect(List<TrainingMetrics> seen) : IProgress<TrainingMetrics>
    {
        public void Report(TrainingMetrics value) => seen.Add(value);
    }
}
