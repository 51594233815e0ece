using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Inference;
using SoupsActors.Models.Tests.Inference;
using SoupsActors.Models.Tests.Transformer;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Models.Tests.Training;

public sealed class TrainableTransformerTests : IDisposable
{
    private readonly Backend backend = TestBackend.Create();

    public static TheoryData<string> Shapes => [.. Configs.Keys];

    private static Dictionary<string, TransformerConfig> Configs { get; } = new()
    {
        ["llama"] = TestModels.Config,
        ["tied"] = TestModels.Config with { TieWordEmbeddings = true },
        ["all biases"] = TestModels.Config with { AttentionBias = true, MlpBias = true },
        ["qwen3"] = TestModels.Config with { Family = ModelFamily.Qwen3, HeadSize = 10 },
    };

    public void Dispose() => backend.Dispose();

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Logits_of_packed_sequences_equal_those_of_inference(string shape)
    {
        using var weights = TestModels.Weights(Configs[shape]);
        using var model = TrainableTransformer.Frozen(backend, weights);
        using var inference = new LlamaStepModel(backend, weights, SequenceRun.Options);
        using var tape = new Tape(backend, recording: false);
        int[][] sequences = [TestModels.Tokens(9, 1), TestModels.Tokens(1, 2), TestModels.Tokens(14, 3)];

        var logits = Rows(model.Logits(tape, PackedSequences.Pack(sequences)));

        SequenceRun.AssertClose(logits, [.. sequences.SelectMany(s => SequenceRun.Logits(inference, s))]);
    }

    [Fact]
    public void An_adapter_that_was_exported_computes_the_same_as_an_expert()
    {
        using var weights = TestModels.Weights(TestModels.Config);
        using var model = TrainableTransformer.Frozen(backend, weights);
        using var adapter = new LoraAdapter(
            backend, weights.Config, new LoraOptions { Rank = 3, Targets = [TargetModule.QProj, TargetModule.UpProj] });
        var random = new SeededNormal(4);
        foreach (var parameter in adapter.Parameters)
            parameter.Load(random.Normal((int)parameter.Length, 0.3));
        model.Adapter = adapter;
        using var inference = new LlamaStepModel(backend, weights, SequenceRun.Options);
        var expert = new Expert("ab", "trained", adapter.ToFactors(), new ExpertProvenance(weights.BaseHash));
        inference.SetExperts([expert]);
        using var tape = new Tape(backend, recording: false);
        var tokens = TestModels.Tokens(11, seed: 5);

        var logits = Rows(model.Logits(tape, PackedSequences.Pack([tokens])));

        SequenceRun.AssertClose(logits, SequenceRun.Logits(inference, tokens, TestModels.Product((expert, 1))));
    }

    [Fact]
    public void A_fresh_adapter_changes_nothing()
    {
        using var weights = TestModels.Weights(TestModels.Config);
        using var model = TrainableTransformer.Frozen(backend, weights);
        using var adapter = new LoraAdapter(backend, weights.Config, new LoraOptions());
        using var tape = new Tape(backend, recording: false);
        var sequences = PackedSequences.Pack([TestModels.Tokens(7, seed: 6)]);
        var without = model.Logits(tape, sequences).ToArray();

        model.Adapter = adapter;

        Assert.Equal(without, model.Logits(tape, sequences).ToArray());
    }

    [Fact]
    public void A_seed_fixes_the_start_of_an_adapter()
    {
        var options = new LoraOptions { InitSeed = 12 };
        using var one = new LoraAdapter(backend, TestModels.Config, options);
        using var same = new LoraAdapter(backend, TestModels.Config, options);
        using var other = new LoraAdapter(backend, TestModels.Config, options with { InitSeed = 13 });

        Assert.Equal(one.ToFactors().Select(f => f.A), same.ToFactors().Select(f => f.A));
        Assert.NotEqual(one.ToFactors()[0].A, other.ToFactors()[0].A);
        Assert.All(one.ToFactors(), f => Assert.InRange(f.A.Max(Math.Abs), 0, 1 / MathF.Sqrt(f.Inputs)));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Gradients_equal_finite_differences(string shape)
    {
        using var weights = TestModels.Weights(Configs[shape]);
        using var model = TrainableTransformer.Trained(backend, weights);
        using var tape = new Tape(backend);
        var (sequences, targets) = Batch();
        tape.Backward(Loss(model, tape, sequences, targets));
        tape.Reset();
        var random = new Random(7);
        foreach (var parameter in model.TrainedParameters)
        {
            // The entry with the largest gradient and a random one of every parameter.
            var gradient = Gradient(parameter);
            var largest = Array.IndexOf(gradient, gradient.MaxBy(Math.Abs));
            foreach (var index in new[] { largest, random.Next(gradient.Length) })
                Assert.Equal(Slope(parameter, index), gradient[index], 2e-3 * (0.1 + Math.Abs(gradient[index])));
        }

        double Slope(Parameter parameter, int index)
        {
            const float Step = 1e-2f;
            var numbers = parameter.ToArray();
            var at = numbers[index];
            var (above, below) = (LossAt(at + Step), LossAt(at - Step));
            var (farAbove, farBelow) = (LossAt(at + 2 * Step), LossAt(at - 2 * Step));
            numbers[index] = at;
            parameter.Load(numbers);
            return (8 * (above - below) - (farAbove - farBelow)) / (12 * Step);

            double LossAt(float value)
            {
                numbers[index] = value;
                parameter.Load(numbers);
                var loss = Loss(model, tape, sequences, targets).ToScalar();
                tape.Reset();
                return loss;
            }
        }
    }

    [Fact]
    public void Full_training_learns_a_batch_by_heart()
    {
        using var model = TrainableTransformer.Random(backend, TestModels.Config, seed: 3);

        var (first, last) = Train(model, steps: 60, learningRate: 1e-2f);

        Assert.Equal(Math.Log(TestModels.Config.VocabularySize), first, 0.1);
        Assert.True(last < 0.5 * first, $"The loss went from {first} to {last}.");
    }

    [Fact]
    public void Training_an_adapter_lowers_the_loss_and_leaves_the_base_bit_for_bit()
    {
        using var weights = TestModels.Weights(TestModels.Config);
        using var model = TrainableTransformer.Frozen(backend, weights);
        using var adapter = new LoraAdapter(backend, weights.Config, new LoraOptions { Rank = 4, Alpha = 8 });
        model.Adapter = adapter;

        var (first, last) = Train(model, steps: 40, learningRate: 1e-2f);

        Assert.True(last < 0.5 * first, $"The loss went from {first} to {last}.");
        Assert.All(model.Parameters, p => Assert.Equal(weights.Read(p.Key), p.Value.ToArray()));
    }

    [Fact]
    public void Switching_the_adapter_off_gives_the_base_again()
    {
        using var weights = TestModels.Weights(TestModels.Config);
        using var model = TrainableTransformer.Frozen(backend, weights);
        using var adapter = new LoraAdapter(backend, weights.Config, new LoraOptions());
        using var tape = new Tape(backend, recording: false);
        var sequences = PackedSequences.Pack([TestModels.Tokens(7, seed: 6)]);
        var before = model.Logits(tape, sequences).ToArray();
        model.Adapter = adapter;
        Train(model, steps: 2, learningRate: 1e-2f);
        Assert.NotEqual(before, model.Logits(tape, sequences).ToArray());

        model.Adapter = null;

        Assert.Equal(before, model.Logits(tape, sequences).ToArray());
    }

    private static (PackedSequences Sequences, int[] Targets) Batch()
    {
        int[][] sequences = [TestModels.Tokens(8, seed: 31), TestModels.Tokens(5, seed: 32)];
        var targets = sequences.SelectMany(s => s.Skip(1).Append(-1)).ToArray();
        return (PackedSequences.Pack(sequences), targets);
    }

    private static Tensor Loss(TrainableTransformer model, Tape tape, PackedSequences sequences, int[] targets) =>
        model.Logits(tape, sequences).CrossEntropy(targets).Sum() * (1f / targets.Count(t => t >= 0));

    private static float[] Gradient(Parameter parameter)
    {
        var block = parameter.Gradient!.Value;
        var numbers = new float[parameter.Length];
        block.Storage.Backend.Download(block.Storage, block.Offset, numbers);
        return numbers;
    }

    private static double[][] Rows(Tensor logits) =>
        [.. Array.ConvertAll(logits.ToArray(), v => (double)v).Chunk(logits.Columns)];

    private (double First, double Last) Train(TrainableTransformer model, int steps, float learningRate)
    {
        using var tape = new Tape(backend);
        using var optimiser = new AdamW(backend, model.TrainedParameters, new AdamWOptions());
        var (sequences, targets) = Batch();
        var losses = new List<double>();
        for (var step = 0; step < steps; step++)
        {
            var loss = Loss(model, tape, sequences, targets);
            losses.Add(loss.ToScalar());
            tape.Backward(loss);
            tape.Reset();
            optimiser.Step(learningRate);
        }

        return (losses[0], losses[^1]);
    }
}
