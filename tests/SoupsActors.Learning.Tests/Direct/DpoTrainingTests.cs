using SoupsActors.Learning.Data;
using SoupsActors.Learning.Direct;
using SoupsActors.Learning.Tests.Policy;
using SoupsActors.Learning.Training;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;
using SoupsActors.Testing;

namespace SoupsActors.Learning.Tests.Direct;

public sealed class DpoTrainingTests : IAsyncDisposable
{
    /// <summary>Answers with tokens below 4 are preferred.</summary>
    private static readonly TokenPair[] Pairs =
    [
        new([5, 6], [1, 2, 0], [9, 10, 0]),
        new([7, 6], [3, 1, 1, 0], [8, 0]),
        new([4, 4, 6], [2, 0], [11, 7, 9]),
    ];

    private readonly PpoLab lab = new();
    private readonly TemporaryFolder folder = new();
    private readonly List<TrainingMetrics> seen = [];

    public async ValueTask DisposeAsync()
    {
        folder.Dispose();
        await lab.DisposeAsync();
    }

    [Fact]
    public async Task The_loss_of_a_policy_that_is_the_reference_is_log_two()
    {
        await Train(Options(1));
        Assert.Equal(Math.Log(2), seen[0][MetricNames.Loss], 6);
        Assert.Equal(0, seen[0][MetricNames.RewardMargins]);
        Assert.True(seen[0][MetricNames.ChosenLogProbabilities] < -1);
    }

    [Fact]
    public async Task The_loss_is_log_two_at_a_reference_that_has_an_adapter_too()
    {
        Randomise(lab.Policy, seed: 2);
        using var reference = Copy(lab.Policy);
        await Train(Options(1), reference: reference);
        Assert.Equal(Math.Log(2), seen[0][MetricNames.Loss], 6);

        seen.Clear();
        using var other = Copy(lab.Policy);
        Randomise(other, seed: 3);
        await Train(Options(1), reference: other);
        Assert.NotEqual(Math.Log(2), seen[0][MetricNames.Loss], 3);
    }

    [Theory]
    [InlineData(PairwiseLossKind.Sigmoid, false)]
    [InlineData(PairwiseLossKind.Sigmoid, true)]
    [InlineData(PairwiseLossKind.Identity, true)]
    public void The_gradient_equals_finite_differences(PairwiseLossKind kind, bool average)
    {
        Randomise(lab.Policy, seed: 4);
        var loss = new PairwiseLoss
        {
            Kind = kind,
            Beta = 0.4,
            LabelSmoothing = 0.1,
            MarginScale = 1,
            AverageTokens = average,
        };
        TokenPair[] pairs = [.. Pairs.Select((p, i) => p with { Margin = 0.1f * i, ChosenProbability = 1 - 0.2f * i })];
        using var tape = new Tape(lab.Backend);
        tape.Backward(Loss());
        tape.Reset();
        Parameter[] parameters = [.. lab.Policy.Parameters];
        float[][] gradients = [.. parameters.Select(p => GradientOf(lab.Backend, p))];
        float[][] values = [.. parameters.Select(p => p.ToArray())];

        // Along the gradient itself the slope is its length: one number that every partial derivative is part of.
        var length = Math.Sqrt(gradients.Sum(g => g.Sum(x => (double)x * x)));
        const double Step = 0.02;
        var slope = (At(Step) - At(-Step)) / (2 * Step);
        Assert.InRange(slope / length, 0.98, 1.02);
        Assert.True(length > 1e-3);

        Tensor Loss()
        {
            var responses = new PairedResponses(pairs);
            using var forward = new Tape(lab.Backend, recording: false);
            var old = responses.LogProbabilities(forward, lab.Model, null).ToArray();
            var ratios = responses.LogProbabilities(tape, lab.Model, lab.Policy) - tape.Constant(old, old.Length, 1);
            return loss.Losses(responses.Difference(ratios, average), pairs).Mean();
        }

        double At(double distance)
        {
            for (var p = 0; p < parameters.Length; p++)
            {
                parameters[p].Load([.. values[p].Zip(
                    gradients[p], (value, gradient) => (float)(value + distance * gradient / length))]);
            }

            var value = Loss().ToScalar();
            tape.Reset();
            return value;
        }
    }

    [Fact]
    public async Task One_step_raises_the_margin()
    {
        await Train(Options(2, rate: 1e-3));
        Assert.Equal(0, seen[0][MetricNames.RewardMargins]);
        Assert.True(seen[1][MetricNames.RewardMargins] > 0);
        Assert.True(seen[1][MetricNames.Loss] < seen[0][MetricNames.Loss]);
    }

    [Theory]
    [InlineData(PairwiseLossKind.Sigmoid)]
    [InlineData(PairwiseLossKind.Identity)]
    public async Task Chosen_answers_become_more_likely_than_rejected_ones(PairwiseLossKind kind)
    {
        await Train(Options(40) with { Loss = new PairwiseLoss { Kind = kind, Beta = 0.3 } });
        Assert.Equal(1, seen[^1][MetricNames.RewardAccuracies]);
        Assert.True(seen[^1][MetricNames.ChosenRewards] > seen[^1][MetricNames.RejectedRewards]);
        Assert.True(seen[^1][MetricNames.Loss] < 0.6 * seen[0][MetricNames.Loss]);
    }

    [Fact]
    public async Task Small_batches_within_a_step_add_up_to_the_same_step()
    {
        using var other = Copy(lab.Policy);
        await Train(Options(3));
        var metrics = new List<TrainingMetrics>();
        await DpoTraining.RunAsync(
            lab.Model, other, Pairs, Options(3) with { MicroBatchPairs = 1 }, progress: new Collect(metrics),
            cancellation: TestContext.Current.CancellationToken);
        foreach (var name in seen[0].Values.Keys)
        {
            Assert.All(seen.Zip(metrics), both => Assert.Equal(both.First[name], both.Second[name], 1e-4));
        }
    }

    [Fact]
    public async Task A_resumed_run_equals_an_undisturbed_one_to_the_bit()
    {
        using var start = Copy(lab.Policy);
        await Train(Options(6));
        var undisturbed = Weights();

        Load(lab.Policy, start);
        var checkpoint = new Checkpoint(folder["dpo.safetensors"], DpoTraining.Fingerprint(Options(6), Pairs));
        using var stop = new CancellationTokenSource();
        var steps = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Train(Options(6), checkpoint: checkpoint, hook: CountAsync, cancellation: stop.Token));
        Randomise(lab.Policy, seed: 9);
        seen.Clear();
        await Train(Options(6), checkpoint: checkpoint);

        Assert.Equal([5, 6], seen.Select(m => m.Step));
        Assert.Equal(undisturbed, Weights());

        async ValueTask CountAsync(CancellationToken token)
        {
            if (++steps == 4)
                await stop.CancelAsync();
        }
    }

    [Fact]
    public async Task A_checkpoint_of_other_pairs_or_settings_is_refused()
    {
        var path = folder["dpo.safetensors"];
        await Train(Options(1), checkpoint: new Checkpoint(path, DpoTraining.Fingerprint(Options(1), Pairs)));
        foreach (var other in (string[])[
            DpoTraining.Fingerprint(Options(1), [Pairs[0].Flipped(), .. Pairs[1..]]),
            DpoTraining.Fingerprint(Options(1) with { Loss = new PairwiseLoss { Beta = 0.2 } }, Pairs),
            DpoTraining.Fingerprint(Options(1), Pairs, start: "another expert")])
        {
            await Assert.ThrowsAsync<InvalidOperationException>(
                () => Train(Options(1), checkpoint: new Checkpoint(path, other)));
        }
    }

    [Fact]
    public async Task Equal_pairs_of_one_batch_are_each_known_to_the_reference()
    {
        var same = Pairs[0] with { };
        Assert.Equal(Pairs[0], same);
        await DpoTraining.RunAsync(
            lab.Model, lab.Policy, _ => [Pairs[0], same, Pairs[0]], Options(1), progress: new Collect(seen),
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(Math.Log(2), seen[0][MetricNames.Loss], 6);
    }

    [Fact]
    public async Task Chosen_answers_that_become_unlikely_stop_the_run()
    {
        var error = await Assert.ThrowsAsync<DivergedException>(() => Train(
            Options(400, rate: 0.05) with { MaxChosenDropPerToken = 1e-6 },
            pairs: [.. Pairs.Select(p => p with { ChosenProbability = 0 })]));
        Assert.Contains("bound of 1E-06", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_drop_of_chosen_answers_is_told_with_its_bound()
    {
        await Train(Options(3) with { MaxChosenDropPerToken = 2 });
        Assert.Equal(0, seen[0][MetricNames.ChosenDrop], 6);
        Assert.True(seen[2][MetricNames.ChosenDrop] < 0, "Chosen answers have become likelier.");
        Assert.All(seen, metrics => Assert.Equal(2, metrics[MetricNames.ChosenDropBound]));
        var tokens = Pairs.Sum(p => p.Chosen.Length);
        Assert.Equal(
            -seen[2][MetricNames.ChosenRewards] / 0.3 * Pairs.Length / tokens, seen[2][MetricNames.ChosenDrop], 6);

        seen.Clear();
        await Train(Options(1) with { MaxChosenDropPerToken = null });
        Assert.Equal(double.NaN, seen[0][MetricNames.ChosenDropBound]);
    }

    [Fact]
    public async Task Numbers_that_are_not_finite_stop_the_run()
    {
        var broken = lab.Policy.Parameters.First();
        broken.Load([.. Enumerable.Repeat(float.NaN, (int)broken.Length)]);
        await Assert.ThrowsAsync<DivergedException>(() => Train(Options(2)));
    }

    [Fact]
    public async Task Unusable_pairs_and_models_are_named()
    {
        var token = TestContext.Current.CancellationToken;
        await Assert.ThrowsAsync<ArgumentException>(() => Train(Options(1), pairs: []));
        await Assert.ThrowsAsync<ArgumentException>(() => Train(Options(1), pairs: [new TokenPair([5], [], [1])]));
        using var trained = TrainableTransformer.Random(lab.Backend, lab.Model.Config, seed: 1);
        var error = await Assert.ThrowsAsync<ArgumentException>(
            () => DpoTraining.RunAsync(trained, lab.Policy, Pairs, Options(1), cancellation: token));
        Assert.Contains("frozen", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => Train(Options(1), reference: lab.Policy));
    }

    private static DpoOptions Options(int steps, double rate = 5e-3) => new()
    {
        Steps = steps,
        Schedule = new LearningRateSchedule(ScheduleKind.Constant, rate, steps),
        BatchPairs = Pairs.Length,
        Loss = new PairwiseLoss { Beta = 0.3 },
    };

    private Task Train(
        DpoOptions options,
        TokenPair[]? pairs = null,
        LoraAdapter? reference = null,
        Checkpoint? checkpoint = null,
        Func<CancellationToken, ValueTask>? hook = null,
        CancellationToken cancellation = default) => DpoTraining.RunAsync(
        lab.Model, lab.Policy, pairs ?? Pairs, options, reference, checkpoint, new Collect(seen), hook, cancellation);

    private float[] Weights() => [.. lab.Policy.Parameters.SelectMany(p => p.ToArray())];

    private LoraAdapter Copy(LoraAdapter adapter) =>
        LoraAdapter.From(lab.Backend, lab.Model.Config, adapter.ToFactors(), adapter.Options.InitSeed);

    private static void Load(LoraAdapter adapter, LoraAdapter source)
    {
        foreach (var (parameter, from) in adapter.Parameters.Zip(source.Parameters))
            parameter.Load(from.ToArray());
    }

    private static void Randomise(LoraAdapter adapter, int seed)
    {
        var random = new Random(seed);
        foreach (var parameter in adapter.Parameters)
        {
            var values = Enumerable.Range(0, (int)parameter.Length).Select(_ => 0.4f * (random.NextSingle() - 0.5f));
            parameter.Load([.. values]);
        }
    }

    private static float[] GradientOf(Backend backend, Parameter parameter)
    {
        var numbers = new float[parameter.Length];
        backend.Download(parameter.Gradient!.Value.Storage, 0, numbers);
        parameter.ZeroGradient();
        return numbers;
    }

    private sealed class Collect(List<TrainingMetrics> seen) : IProgress<TrainingMetrics>
    {
        public void Report(TrainingMetrics value) => seen.Add(value);
    }
}
