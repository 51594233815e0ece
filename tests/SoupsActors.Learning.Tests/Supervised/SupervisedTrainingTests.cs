using SoupsActors.Learning.Supervised;
using SoupsActors.Models.Files;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;
using SoupsActors.Testing;

namespace SoupsActors.Learning.Tests.Supervised;

public sealed class SupervisedTrainingTests : IDisposable
{
    private static readonly TransformerConfig Config = new()
    {
        HiddenSize = 16,
        IntermediateSize = 24,
        LayerCount = 1,
        HeadCount = 2,
        KeyValueHeadCount = 1,
        HeadSize = 8,
        VocabularySize = 12,
        MaxPositions = 16,
        TieWordEmbeddings = true,
    };

    private readonly ReferenceBackend backend = new();
    private readonly string folder = Directory.CreateTempSubdirectory("soups-training-").FullName;

    public void Dispose()
    {
        backend.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_base_model_learns_a_small_set_by_heart()
    {
        using var model = TrainableTransformer.Random(backend, Config, seed: 1);
        var losses = Train(model, steps: 60);
        Assert.InRange(losses[0], 2.0, 3.0); // about ln 12, as good as guessing
        Assert.True(losses[^1] < 0.2, $"loss after training {losses[^1]}");
    }

    [Fact]
    public void An_adapter_learns_while_the_base_stays_bit_for_bit()
    {
        using var random = TrainableTransformer.Random(backend, Config, seed: 1);
        using var model = TrainableTransformer.Frozen(backend, Snapshot(random));
        using var adapter = new LoraAdapter(backend, Config, new LoraOptions { Rank = 4, Alpha = 8, InitSeed = 3 });
        model.Adapter = adapter;
        var before = model.Parameters.ToDictionary(p => p.Key, p => p.Value.ToArray());

        var losses = Train(model, steps: 60, rate: 0.02);

        Assert.True(losses[^1] < losses[0] - 0.2, $"loss went from {losses[0]} to {losses[^1]}");
        Assert.All(model.Parameters, p => Assert.Equal(before[p.Key], p.Value.ToArray()));
        Assert.Contains(adapter.ToFactors(), f => f.B.Any(b => b != 0));
    }

    [Fact]
    public void A_resumed_run_equals_an_undisturbed_one_to_the_bit()
    {
        using var undisturbed = TrainableTransformer.Random(backend, Config, seed: 1);
        Train(undisturbed, steps: 8);

        var checkpoint = new TrainingCheckpoint(Path.Combine(folder, "state.safetensors"), "settings");
        using (var first = TrainableTransformer.Random(backend, Config, seed: 1))
        {
            using var stop = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => SupervisedTraining.Run(
                first,
                step =>
                {
                    if (step == 5)
                        stop.Cancel();
                    return Examples(step);
                },
                Options(8),
                checkpoint,
                cancellation: stop.Token));
        }

        using var second = TrainableTransformer.Random(backend, Config, seed: 99);
        var stepsSeen = new List<int>();
        SupervisedTraining.Run(
            second,
            step =>
            {
                stepsSeen.Add(step);
                return Examples(step);
            },
            Options(8),
            checkpoint);

        Assert.Equal([6, 7, 8], stepsSeen);
        Assert.All(undisturbed.Parameters, p => Assert.Equal(p.Value.ToArray(), second.Parameters[p.Key].ToArray()));
    }

    [Fact]
    public void An_adapter_with_dropout_resumes_to_the_bit()
    {
        using var random = TrainableTransformer.Random(backend, Config, seed: 1);
        using var model = TrainableTransformer.Frozen(backend, Snapshot(random));
        var whole = Factors(dropout: 0.5, 6);
        var checkpoint = new TrainingCheckpoint(Path.Combine(folder, "state.safetensors"), "settings");
        Factors(dropout: 0.5, 3, checkpoint);
        Assert.Equal(whole, Factors(dropout: 0.5, 6, checkpoint));
        Assert.NotEqual(whole, Factors(dropout: 0, 6));

        float[] Factors(double dropout, int steps, TrainingCheckpoint? state = null)
        {
            using var adapter = new LoraAdapter(
                backend, Config, new LoraOptions { Rank = 4, Alpha = 8, InitSeed = 3, Dropout = dropout });
            model.Adapter = adapter;
            SupervisedTraining.Run(model, Examples, Options(steps), state);
            return [.. adapter.ToFactors().SelectMany(f => f.A.Concat(f.B))];
        }
    }

    [Fact]
    public void A_checkpoint_of_other_settings_is_refused_with_advice()
    {
        var path = Path.Combine(folder, "state.safetensors");
        using var model = TrainableTransformer.Random(backend, Config, seed: 1);
        SupervisedTraining.Run(model, Examples, Options(1), new TrainingCheckpoint(path, "one recipe"));
        var error = Assert.Throws<InvalidOperationException>(() =>
            SupervisedTraining.Run(model, Examples, Options(2), new TrainingCheckpoint(path, "another recipe")));
        Assert.Contains("Delete it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_that_diverges_stops_with_the_step_named()
    {
        using var model = TrainableTransformer.Random(backend, Config, seed: 1);
        model.Parameters["model.norm.weight"].Load([.. Enumerable.Repeat(float.NaN, Config.HiddenSize)]);
        var error = Assert.Throws<DivergedException>(() => Train(model, steps: 3));
        Assert.Contains("step 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_answer_is_learned()
    {
        var batch = TrainingBatch.Pack(
            [TrainingExample.Create([5, 6, 7], [8, 9]), TrainingExample.Create([1], [2])]);
        Assert.Equal([5, 6, 7, 8, 1], batch.Sequences.Tokens);
        Assert.Equal([0, 1, 2, 3, 0], batch.Sequences.Positions);
        Assert.Equal([0, 4, 5], batch.Sequences.Starts);
        Assert.Equal([-1, -1, 8, 9, 2], batch.Targets);
        Assert.Equal(3, batch.TargetCount);
    }

    private static SupervisedOptions Options(int steps, double rate = 0.01) => new()
    {
        Steps = steps,
        Schedule = new LearningRateSchedule(ScheduleKind.Constant, rate, steps),
        ReportEvery = 1,
        CheckpointEvery = 100,
    };

    private static TrainingExample[] Examples(int step) =>
        [TrainingExample.Create([1, 2, 3], [4, 5, 6, 0]), TrainingExample.Create([3, 2, 1], [7, 8, 9, 0])];

    private static ModelWeights Snapshot(TrainableTransformer model) =>
        ModelWeights.Create(Config, model.Parameters.ToDictionary(p => p.Key, p => p.Value.ToArray()));

    private static List<double> Train(TrainableTransformer model, int steps, double rate = 0.01)
    {
        var losses = new List<double>();
        SupervisedTraining.Run(model, Examples, Options(steps, rate), progress: new Collect(losses));
        return losses;
    }

    private sealed class Collect(List<double> losses) : IProgress<SupervisedProgress>
    {
        public void Report(SupervisedProgress value) => losses.Add(value.Loss);
    }
}
