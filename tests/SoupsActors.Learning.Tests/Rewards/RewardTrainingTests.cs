using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Training;
using SoupsActors.Tensors;
using SoupsActors.Testing;

namespace SoupsActors.Learning.Tests.Rewards;

public sealed class RewardTrainingTests : IDisposable
{
    private readonly TinyReward tiny = new();
    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        tiny.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void The_loss_is_that_of_Bradley_and_Terry()
    {
        // −log σ(2 − 0.5) and −log σ(−1)
        Assert.Equal([0.2014133f, 1.3132617f], Losses([2, 0, 0.5f, 1], Pair(), Pair()), Near);
    }

    [Fact]
    public void A_margin_stands_inside_the_sigmoid()
    {
        Assert.Equal(Losses([1.5f, 0.5f], Pair()), Losses([2, 0], Pair() with { Margin = 1 }), Near);
        Assert.Equal(Losses([2, 0], Pair()), Losses([2, 0], Pair() with { Margin = 0 }), Near);
        Assert.Equal(
            Losses([2, 0], Pair()), Losses([2, 0], o => o with { MarginScale = 0 }, Pair() with { Margin = 1 }), Near);
        Assert.Equal(
            Losses([2, 0], Pair()),
            Losses([2, 0], o => o with { MarginScale = 0 }, Pair() with { Margin = float.PositiveInfinity }),
            Near);
    }

    [Fact]
    public void A_soft_label_weighs_both_orders()
    {
        var right = Losses([2, 0], Pair())[0];
        var wrong = Losses([0, 2], Pair())[0];
        Assert.Equal([0.7f * right + 0.3f * wrong], Losses([2, 0], Pair() with { ChosenProbability = 0.7f }), Near);
        Assert.Equal(
            [0.9f * right + 0.1f * wrong], Losses([2, 0], o => o with { LabelSmoothing = 0.1 }, Pair()), Near);
        Assert.Equal(
            [0.66f * right + 0.34f * wrong],
            Losses([2, 0], o => o with { LabelSmoothing = 0.1 }, Pair() with { ChosenProbability = 0.7f }),
            Near);
    }

    [Fact]
    public async Task A_run_that_was_stopped_goes_on_to_the_bit()
    {
        var pairs = PairOrder.Mixed(TinyReward.Pairs(20, 1), 6, seed: 5);
        var expected = await Train(pairs, Sources(null));
        Assert.Equal(expected, await StopAndGoOn(pairs, Sources(null)));
    }

    [Fact]
    public async Task A_run_with_MORE_that_was_stopped_goes_on_to_the_bit()
    {
        var pairs = PairOrder.Balanced([TinyReward.Pairs(20, 1), TinyReward.Pairs(9, 2), TinyReward.Pairs(5, 3)], 2, seed: 5);
        var expected = await Train(pairs, Sources(3));
        Assert.Equal(expected, await StopAndGoOn(pairs, Sources(3)));
    }

    [Fact]
    public async Task A_run_with_dropout_that_was_stopped_goes_on_to_the_bit()
    {
        tiny.Dropout = 0.3;
        var pairs = PairOrder.Mixed(TinyReward.Pairs(20, 1), 6, seed: 5);
        var options = Sources(null) with { MicroBatchPairs = 4 };
        var expected = await Train(pairs, options);
        Assert.Equal(expected, await StopAndGoOn(pairs, options));
        tiny.Dropout = 0;
        Assert.NotEqual(expected, await Train(pairs, options));
    }

    [Fact]
    public async Task A_model_trained_with_dropout_is_measured_without()
    {
        tiny.Dropout = 0.1;
        using var model = tiny.Model();
        var (report, _) = await RewardTraining.RunAsync(
            model, TinyReward.Pairs(100, 1), [], TinyReward.Options(120),
            cancellation: TestContext.Current.CancellationToken);
        Assert.True(report.Accuracy > 0.9, $"accuracy {report.Accuracy}");
        Assert.Equal(report.Accuracy, RewardReport.Of(model, TinyReward.Pairs(100, 1)).Accuracy);
    }

    [Fact]
    public async Task Micro_batches_add_up_to_the_step()
    {
        var pairs = PairOrder.Mixed(TinyReward.Pairs(20, 1), 6, seed: 5);
        var options = TinyReward.Options(1) with { ScoreL2 = 0.1 };
        var whole = new Collected();
        var parts = new Collected();
        await Train(pairs, options, whole);
        await Train(pairs, options with { MicroBatchPairs = 4 }, parts);
        foreach (var (name, value) in whole.All[0].Values)
            Assert.Equal(value, parts.All[0][name], 1e-5);
    }

    [Fact]
    public async Task Score_L2_keeps_rewards_centred()
    {
        var pairs = TinyReward.Pairs(60, 1);
        Assert.True(await Offset(10) < 0.5 * await Offset(0));

        async Task<double> Offset(double factor)
        {
            using var model = tiny.Model();
            model.Head.Load([.. model.HeadWeights.Select(w => w + 1)]);
            var (report, _) = await RewardTraining.RunAsync(
                model, pairs, [], TinyReward.Options(40) with { ScoreL2 = factor },
                cancellation: TestContext.Current.CancellationToken);
            return Math.Abs(report.Scores.Mean);
        }
    }

    [Fact]
    public async Task Flipped_labels_are_learned_the_other_way_round()
    {
        var pairs = TinyReward.Pairs(100, 1);
        using var model = tiny.Model();
        await RewardTraining.RunAsync(
            model, pairs, [], TinyReward.Options(120) with { Flipped = [.. Enumerable.Range(0, 100)] },
            cancellation: TestContext.Current.CancellationToken);
        Assert.True(RewardReport.Of(model, TinyReward.Pairs(100, 2)).Accuracy < 0.1);
    }

    [Fact]
    public async Task Metrics_tell_loss_accuracy_margin_and_the_range_of_rewards()
    {
        var collected = new Collected();
        var options = TinyReward.Options(40) with { ReportEvery = 10 };
        await Train(PairOrder.Mixed(TinyReward.Pairs(50, 1), 8, 1), options, collected);
        Assert.Equal([10, 20, 30, 40], collected.All.Select(m => m.Step));
        var last = collected.All[^1];
        Assert.True(last[MetricNames.Loss] < collected.All[0][MetricNames.Loss]);
        Assert.True(last[MetricNames.MinimumReward] < last[MetricNames.MeanReward]);
        Assert.True(last[MetricNames.MeanReward] < last[MetricNames.MaximumReward]);
        Assert.True(last[MetricNames.Margin] > 0);
        Assert.Equal(0.02, last[MetricNames.LearningRate], 1e-6);
    }

    [Fact]
    public async Task Calibration_is_told_once_there_are_enough_pairs_and_of_the_last_ones_only()
    {
        var collected = new Collected();
        var pairs = TinyReward.Pairs(400, 1);
        await Train(PairOrder.Mixed(pairs, 8, 1), TinyReward.Options(50), collected);
        var errors = collected.All.Select(m => m[MetricNames.CalibrationError]).ToArray();
        Assert.Equal(RecentGaps.Pairs / 8 - 1, errors.TakeWhile(double.IsNaN).Count());
        Assert.All(errors.SkipWhile(double.IsNaN), error => Assert.InRange(error, 0, 0.5));

        // Sure and right at last: the unsure beginning is forgotten.
        var recent = new RecentGaps();
        for (var i = 0; i < RecentGaps.Pairs; i++)
            recent.Add([0, 0]);
        Assert.Equal(0, recent.CalibrationError!.Value, 12);
        recent.Add([30, 30, 0, 0]);
        Assert.InRange(recent.CalibrationError!.Value, 0, 0.01);
        for (var i = 0; i < RecentGaps.Pairs; i++)
            recent.Add([0, 30]);
        Assert.Equal(1, recent.CalibrationError!.Value, 6);
    }

    [Fact]
    public async Task Others_get_their_turn_between_batches()
    {
        var turns = 0;
        using var model = tiny.Model();
        await RewardTraining.RunAsync(
            model, PairOrder.Mixed(TinyReward.Pairs(9, 1), 6, 1), TinyReward.Options(3) with { MicroBatchPairs = 2 },
            betweenBatches: _ =>
            {
                turns++;
                return ValueTask.CompletedTask;
            },
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(9, turns);
    }

    [Fact]
    public async Task Training_that_diverges_stops_with_the_step_named()
    {
        using var model = tiny.Model();
        model.Head.Load([.. Enumerable.Repeat(float.NaN, 16)]);
        var error = await Assert.ThrowsAsync<DivergedException>(() => RewardTraining.RunAsync(
            model, PairOrder.Mixed(TinyReward.Pairs(9, 1), 6, 1), TinyReward.Options(3)));
        Assert.Contains("step 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_that_make_no_sense_are_refused_by_name()
    {
        using var model = tiny.Model();
        var pairs = PairOrder.Mixed(TinyReward.Pairs(9, 1), 6, 1);
        var good = TinyReward.Options(3);
        (RewardTrainingOptions Options, string Name)[] wrong =
        [
            (good with { Steps = 0 }, "Steps"),
            (good with { LabelSmoothing = 0.5 }, "LabelSmoothing"),
            (good with { ScoreL2 = -1 }, "ScoreL2"),
            (good with { More = new MoreOptions { Sources = 2 }, MicroBatchPairs = 2 }, "MicroBatchPairs"),
            (good with { More = new MoreOptions { Sources = 2, Momentum = 0 } }, "momentum"),
        ];
        foreach (var (options, name) in wrong)
        {
            var error = await Assert.ThrowsAsync<ArgumentException>(
                () => RewardTraining.RunAsync(model, pairs, options));
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_fingerprint_names_settings_and_data()
    {
        var pairs = TinyReward.Pairs(5, 1);
        var options = TinyReward.Options();
        var own = RewardTraining.Fingerprint(options, pairs);
        Assert.Equal(own, RewardTraining.Fingerprint(TinyReward.Options(), TinyReward.Pairs(5, 1)));
        Assert.NotEqual(own, RewardTraining.Fingerprint(options with { Seed = 4 }, pairs));
        Assert.NotEqual(own, RewardTraining.Fingerprint(options, PairOrder.Flip(pairs, [2])));
    }

    private static bool Near(float a, float b) => Math.Abs(a - b) < 1e-5;

    private static TokenPair Pair() => new([1], [2], [3]);

    private static RewardTrainingOptions Sources(int? sources) => TinyReward.Options(8) with
    {
        More = sources is { } k ? new MoreOptions { Sources = k, Momentum = 0.6 } : null,
        CheckpointEvery = 2,
    };

    private float[] Losses(float[] scores, params TokenPair[] pairs) => Losses(scores, o => o, pairs);

    private float[] Losses(
        float[] scores, Func<RewardTrainingOptions, RewardTrainingOptions> change, params TokenPair[] pairs)
    {
        using var tape = new Tape(tiny.Backend, recording: false);
        return RewardTraining.Losses(
            tape.Constant(scores, scores.Length, 1), PairBatch.Pack(pairs), change(TinyReward.Options())).ToArray();
    }

    private async Task<float[]> Train(
        Func<int, IReadOnlyList<TokenPair>> pairs,
        RewardTrainingOptions options,
        IProgress<TrainingMetrics>? progress = null,
        Checkpoint? checkpoint = null,
        CancellationToken cancellation = default)
    {
        using var model = tiny.Model(headSeed: 4);
        await RewardTraining.RunAsync(model, pairs, options, checkpoint, progress, cancellation: cancellation);
        return [.. model.TrainedParameters.SelectMany(p => p.ToArray())];
    }

    private async Task<float[]> StopAndGoOn(Func<int, IReadOnlyList<TokenPair>> pairs, RewardTrainingOptions options)
    {
        var checkpoint = new Checkpoint(folder["state.safetensors"], "run");
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAsync<OperationCanceledException>(() => Train(
            step =>
            {
                if (step == 5)
                    stop.Cancel();
                return pairs(step);
            },
            options,
            checkpoint: checkpoint,
            cancellation: stop.Token));
        var seen = new List<int>();
        var weights = await Train(
            step =>
            {
                seen.Add(step);
                return pairs(step);
            },
            options,
            checkpoint: checkpoint);
        Assert.Equal([6, 7, 8], seen);
        return weights;
    }
}
