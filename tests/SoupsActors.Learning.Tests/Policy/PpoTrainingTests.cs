using SoupsActors.Learning.Policy;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Learning.Supervised;
using SoupsActors.Learning.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Tests.Policy;

public sealed class PpoTrainingTests : IAsyncLifetime
{
    private readonly PpoLab lab = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => lab.DisposeAsync();

    [Fact]
    public async Task The_reward_rises_by_more_than_two_standard_errors_while_the_KL_stays_under_its_bound()
    {
        const double Bound = 0.5;
        var result = await lab.TrainAsync(
            PpoLab.Options with { Steps = 15, KlCoefficient = 0.4, MaxKlPerToken = Bound });

        var first = lab.Seen[0];
        var last = lab.Seen[^1];
        var standardError = Math.Sqrt((Variance(first) + Variance(last)) / 32);
        var rise = last[MetricNames.Scores] - first[MetricNames.Scores];
        Assert.True(rise >= 2 * standardError, $"rose by {rise:F3}, standard error {standardError:F3}");
        Assert.All(lab.Seen, m => Assert.InRange(m[MetricNames.KlPerToken], -0.05, Bound));
        Assert.Equal(15, result.Steps);
        Assert.Equal(PpoEnd.Completed, result.End);
        Assert.Equal(15 * 32, result.Episodes);

        static double Variance(TrainingMetrics metrics) => Math.Pow(metrics[MetricNames.ScoresStandardDeviation], 2);
    }

    [Fact]
    public async Task Without_a_KL_penalty_the_monitor_names_the_bound_and_the_last_good_weights_return()
    {
        const double Bound = 0.2;
        var options = PpoLab.Options with
        {
            Steps = 40,
            KlCoefficient = 0,
            ScoreScaling = ScoreScaling.None,
            TargetKl = null,
            MaxKlPerToken = Bound,
            PolicySchedule = new LearningRateSchedule(ScheduleKind.Constant, 2e-2, 1),
        };

        var error = await Assert.ThrowsAsync<DivergedException>(() => lab.TrainAsync(options));

        Assert.Contains("above the bound of 0.2", error.Message, StringComparison.Ordinal);
        Assert.True(lab.Seen[^1][MetricNames.KlPerToken] > Bound, "the step that exceeds the bound is reported");
        Assert.All(lab.Seen.SkipLast(1), m => Assert.True(m[MetricNames.KlPerToken] <= Bound));
        var steps = lab.Seen.Count;
        var diverged = lab.Weights();

        await using var other = new PpoLab();
        await other.TrainAsync(options with { Steps = steps - 2 });
        Assert.Equal(other.Weights(), diverged);
    }

    [Fact]
    public async Task At_the_first_inner_step_the_ratio_is_exactly_one_and_nothing_is_clipped()
    {
        await lab.TrainAsync(PpoLab.Options with { Steps = 2, Epochs = 1, MiniBatch = 32 });
        Assert.All(lab.Seen, m =>
        {
            Assert.Equal(1, m[MetricNames.Ratio]);
            Assert.Equal(0, m[MetricNames.RatioVariance]);
            Assert.Equal(0, m[MetricNames.ApproximateKl]);
            Assert.Equal(0, m[MetricNames.PolicyClipFraction]);
        });
        Assert.Equal(0, lab.Seen[0][MetricNames.Kl]);
        Assert.NotEqual(0, lab.Seen[1][MetricNames.Kl]);
    }

    [Fact]
    public async Task Policies_train_without_dropout_so_that_ratios_compare_one_function()
    {
        await using var plain = new PpoLab();
        await using var dropping = new PpoLab(dropout: 0.5);
        var options = PpoLab.Options with { Steps = 2 };
        await plain.TrainAsync(options);
        await dropping.TrainAsync(options);
        Assert.Equal(plain.Weights(), dropping.Weights());
    }

    [Fact]
    public async Task The_base_stays_as_it_is()
    {
        var before = lab.Model.Parameters.ToDictionary(p => p.Key, p => p.Value.ToArray());
        await lab.TrainAsync(PpoLab.Options with { Steps = 1 });
        Assert.All(lab.Model.Parameters, p => Assert.Equal(before[p.Key], p.Value.ToArray()));
        Assert.Same(lab.Policy, lab.Model.Adapter);
    }

    [Fact]
    public async Task Every_metric_of_policy_training_is_measured_each_step()
    {
        lab.Environment = lab.Environment with { Gold = r => r.Response.Length };
        await lab.TrainAsync(PpoLab.Options with { Steps = 2 });
        string[] names =
        [
            MetricNames.Kl, MetricNames.KlPerToken, MetricNames.Entropy, MetricNames.NonScoreReward,
            MetricNames.RlhfReward, MetricNames.Scores, MetricNames.ScoresStandardDeviation, MetricNames.Gold,
            MetricNames.KlCoefficient, MetricNames.ApproximateKl, MetricNames.PolicyClipFraction,
            MetricNames.PolicyEntropy, MetricNames.PolicyUpdates, MetricNames.SkippedBatches, MetricNames.PolicyLoss,
            MetricNames.ValueLoss, MetricNames.ValueClipFraction, MetricNames.Ratio, MetricNames.RatioVariance,
            MetricNames.ExplainedVariance, MetricNames.EndedAnswers, MetricNames.ResponseLength,
            MetricNames.ReferencePerplexity, MetricNames.GradientNorm, MetricNames.LearningRate,
            MetricNames.Episodes, MetricNames.GenerationSeconds, MetricNames.ScoringSeconds,
            MetricNames.UpdateSeconds,
        ];
        Assert.All(lab.Seen, m => Assert.All(names, name => Assert.True(double.IsFinite(m[name]), name)));
        Assert.Equal(lab.Seen[0][MetricNames.ResponseLength], lab.Seen[0][MetricNames.Gold]);
        Assert.Equal([32, 64], lab.Seen.Select(m => m[MetricNames.Episodes]));
    }

    [Fact]
    public async Task Updates_of_a_step_end_once_the_policy_is_too_far_from_the_one_that_sampled()
    {
        await lab.TrainAsync(PpoLab.Options with { Steps = 1, Epochs = 8, TargetKl = 1e-6 });
        Assert.Equal(1, lab.Seen[0][MetricNames.PolicyUpdates]);
    }

    [Fact]
    public async Task Mini_batches_with_an_exploding_ratio_are_skipped_and_too_many_end_the_run()
    {
        var options = PpoLab.Options with
        {
            Steps = 30,
            Epochs = 6,
            TargetKl = null,
            MaxKlPerToken = null,
            MaxMeanRatio = 1.02,
            MaxSkippedShare = 0.3,
            PolicySchedule = new LearningRateSchedule(ScheduleKind.Constant, 0.1, 1),
        };
        var error = await Assert.ThrowsAsync<DivergedException>(() => lab.TrainAsync(options));
        Assert.Contains("mini-batches had a mean ratio above 1.02", error.Message, StringComparison.Ordinal);
        Assert.InRange(lab.Seen[^1][MetricNames.SkippedBatches], 4, 12);
    }

    [Fact]
    public async Task Answers_that_collapse_end_the_run()
    {
        lab.Environment = lab.Environment with { Reward = new RuleReward("short", r => -r.Response.Length) };
        var error = await Assert.ThrowsAsync<DivergedException>(() => lab.TrainAsync(PpoLab.Options with
        {
            Steps = 60,
            KlCoefficient = 0,
            MaxKlPerToken = null,
            MinResponseLength = 3,
            PolicySchedule = new LearningRateSchedule(ScheduleKind.Constant, 1e-2, 1),
        }));
        Assert.Contains("collapsed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reward_that_is_not_a_number_ends_the_run_with_its_name()
    {
        lab.Environment = lab.Environment with { Reward = new RuleReward("broken", _ => double.NaN) };
        var error = await Assert.ThrowsAsync<DivergedException>(() => lab.TrainAsync(PpoLab.Options));
        Assert.Contains("broken", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rewards_of_single_tokens_teach_without_a_score()
    {
        lab.Environment = lab.Environment with { Reward = new PerTokenReward() };
        await lab.TrainAsync(PpoLab.Options with { Steps = 15, MaxKlPerToken = null });
        var share = Mean(lab.Seen.TakeLast(3)) - Mean(lab.Seen.Take(1));
        Assert.True(share > 0.5, $"tokens below 4 per answer rose by {share:F2}");

        static double Mean(IEnumerable<TrainingMetrics> metrics) => metrics.Average(m => m[MetricNames.Scores]);
    }

    [Fact]
    public async Task Only_filtered_answers_are_learned_from()
    {
        lab.Environment = lab.Environment with
        {
            Filter = SampleFilters.BestWorst,
            Prompts = _ => [PpoLab.Prompt(0), PpoLab.Prompt(1)],
        };
        await lab.TrainAsync(PpoLab.Options with { Steps = 1, SamplesPerPrompt = 6, Epochs = 1, MiniBatch = 1 });
        Assert.Equal(4, lab.Seen[0][MetricNames.PolicyUpdates]);
        Assert.Equal(12, lab.Seen[0][MetricNames.Episodes]);
    }

    [Fact]
    public async Task A_pretraining_term_keeps_supervised_examples_likely()
    {
        TrainingExample[] examples = [TrainingExample.Create([5, 1, 6], [9, 10, 11, 0])];
        lab.Environment = lab.Environment with { Pretraining = (_, _) => examples };
        var without = await LossAfterAsync(weight: 0);
        var with = await LossAfterAsync(weight: 1);
        Assert.True(with < without - 0.1, $"loss {with:F3} with the term, {without:F3} without");

        async Task<float> LossAfterAsync(double weight)
        {
            await using var fresh = new PpoLab { Environment = lab.Environment };
            await fresh.TrainAsync(PpoLab.Options with { PretrainingWeight = weight, MaxKlPerToken = null });
            using var tape = new Tape(fresh.Backend, recording: false);
            var batch = TrainingBatch.Pack(examples);
            return fresh.Model.Logits(tape, batch.Sequences).CrossEntropy(batch.Targets).Mean().ToScalar();
        }
    }

    [Fact]
    public async Task An_entropy_term_keeps_the_policy_undecided()
    {
        await using var plain = new PpoLab();
        await plain.TrainAsync(PpoLab.Options with { Steps = 6, KlCoefficient = 0, MaxKlPerToken = null });
        await lab.TrainAsync(
            PpoLab.Options with { Steps = 6, KlCoefficient = 0, MaxKlPerToken = null, EntropyWeight = 1 });
        var (with, without) = (lab.Seen[^1][MetricNames.PolicyEntropy], plain.Seen[^1][MetricNames.PolicyEntropy]);
        Assert.True(with > without + 0.05, $"entropy {with:F3} with the term, {without:F3} without");
    }

    [Fact]
    public async Task While_the_critic_warms_up_the_policy_stays()
    {
        var before = lab.Policy.Parameters.SelectMany(p => p.ToArray()).ToArray();
        var head = lab.Critic.Head.ToArray();
        await lab.TrainAsync(PpoLab.Options with { Steps = 2, CriticWarmupSteps = 2 });
        Assert.Equal(before, lab.Policy.Parameters.SelectMany(p => p.ToArray()));
        Assert.NotEqual(head, lab.Critic.Head.ToArray());
    }

    [Fact]
    public async Task The_critic_learns_to_predict_returns()
    {
        await lab.TrainAsync(PpoLab.Options with { Steps = 25, CriticWarmupSteps = 25, ValueClip = null });
        Assert.Equal(0, lab.Seen[0][MetricNames.ExplainedVariance], 1e-9); // all values are 0 yet
        var explained = lab.Seen.TakeLast(10).Average(m => m[MetricNames.ExplainedVariance]);
        Assert.True(explained > 0.1, $"explained variance {explained:F3}");
    }

    [Fact]
    public async Task A_stop_criterion_ends_the_run_with_the_policy_that_was_measured()
    {
        lab.Environment = lab.Environment with { StopWhen = m => m.Step == 3 };
        var result = await lab.TrainAsync(PpoLab.Options);
        Assert.Equal((PpoEnd.Stopped, 2, 3), (result.End, result.Steps, lab.Seen[^1].Step));

        await using var other = new PpoLab();
        await other.TrainAsync(PpoLab.Options with { Steps = 2 });
        Assert.Equal(other.Weights(), lab.Weights());
    }

    [Fact]
    public async Task The_hook_runs_between_all_mini_batches()
    {
        var calls = 0;
        lab.Environment = lab.Environment with
        {
            BetweenBatches = _ =>
            {
                calls++;
                return ValueTask.CompletedTask;
            },
        };
        await lab.TrainAsync(PpoLab.Options with { Steps = 1, TargetKl = null });
        Assert.Equal(2 + 2 * 2, calls); // two mini-batches to evaluate, then two in each of two epochs
    }

    [Fact]
    public async Task An_adaptive_coefficient_is_carried_from_step_to_step()
    {
        var adaptive = new AdaptiveKl(Target: 100, Horizon: 320);
        await lab.TrainAsync(PpoLab.Options with { Steps = 3, KlCoefficient = 0.05, AdaptiveKl = adaptive });
        // The KL is far below its target, so each step of 32 answers takes a fifth of a tenth off.
        Assert.Equal(
            [0.05, 0.05 * 0.98, 0.05 * 0.98 * 0.98],
            lab.Seen.Select(m => m[MetricNames.KlCoefficient]),
            (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public async Task A_base_that_is_trained_is_refused()
    {
        using var trained = Models.Training.TrainableTransformer.Random(lab.Backend, lab.Model.Config, 1);
        var error = await Assert.ThrowsAsync<ArgumentException>(() => PpoTraining.RunAsync(
            trained, lab.Policy, lab.Critic, lab.Environment, PpoLab.Options));
        Assert.Contains("frozen", error.Message, StringComparison.Ordinal);
    }

    private sealed class PerTokenReward : IRewardSource
    {
        public string Id => "per-token";

        public Task<IReadOnlyList<RewardSignal>> ScoreAsync(
            IReadOnlyList<Rollout> rollouts, CancellationToken cancellationToken = default) =>
            Task.FromResult<IReadOnlyList<RewardSignal>>([.. rollouts.Select(Score)]);

        private static RewardSignal Score(Rollout rollout) =>
            new(0) { PerToken = [.. rollout.Response.Select(t => t < 4 ? 1f : 0f)] };
    }
}
