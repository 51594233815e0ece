using System.Diagnostics;
using SoupsActors.Models.Files;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;
using SoupsActors.Tensors.Benchmarks;

namespace SoupsActors.Learning.Benchmarks;

/// <summary>What a supervised step is measured on.</summary>
public sealed record TrainingBenchmarkOptions
{
    /// <summary>Sequences of a step.</summary>
    public int Sequences { get; init; } = 16;

    /// <summary>Tokens of a sequence.</summary>
    public int Length { get; init; } = 128;

    /// <summary>Rank of the adapter, on every linear layer.</summary>
    public int Rank { get; init; } = 16;

    /// <summary>Steps before the clock starts: the code has been compiled and all memory taken.</summary>
    public int WarmupSteps { get; init; } = 3;

    /// <summary>Steps that are measured, at least 1; the best one counts.</summary>
    public int MeasuredSteps { get; init; } = 12;
}

/// <summary>One kind of step measured: forward, backward and AdamW.</summary>
/// <param name="Step">What is trained.</param>
/// <param name="Parameters">Numbers trained.</param>
/// <param name="Tokens">Tokens of a step.</param>
/// <param name="Seconds">The best step.</param>
/// <param name="MedianSeconds">The step in the middle.</param>
/// <param name="GigaFlops">Operations that the step asks for over the best time, in 10⁹ a second.</param>
public sealed record TrainingBenchmarkResult(
    string Step, long Parameters, int Tokens, double Seconds, double MedianSeconds, double GigaFlops)
{
    /// <summary>Tokens over the best time.</summary>
    public double TokensPerSecond => Tokens / Seconds;
}

/// <summary>Times next-token training on fixed tokens, all parameters or a LoRA adapter.</summary>
public static class TrainingBenchmark
{
    // Ids below belong to bytes and special tokens in most vocabularies.
    private const int FirstWord = 259;

    /// <summary>The fastest large matrix product, in 10⁹ operations a second: what training is held against.</summary>
    /// <param name="threads">Threads that compute at once; 0 for every processor.</param>
    /// <param name="cancellationToken">Checked between measurements.</param>
    public static double PeakGigaFlops(int threads, CancellationToken cancellationToken = default) =>
        GemmBenchmark.Run(threads, [(512, 512, 512), (1024, 1024, 1024)], cancellationToken: cancellationToken)
            .Max(m => m.GigaFlops);

    /// <summary>Trains every parameter of the base.</summary>
    public static TrainingBenchmarkResult All(
        Backend backend,
        ModelWeights weights,
        TrainingBenchmarkOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(weights);
        using var model = TrainableTransformer.Trained(backend, weights);
        return Measure("all parameters", model, options ?? new(), rank: 0, cancellationToken);
    }

    /// <summary>Trains an adapter on the frozen base.</summary>
    public static TrainingBenchmarkResult Lora(
        Backend backend,
        ModelWeights weights,
        TrainingBenchmarkOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(weights);
        options ??= new();
        using var model = TrainableTransformer.Frozen(backend, weights);
        using var adapter = new LoraAdapter(
            backend, weights.Config, new LoraOptions { Rank = options.Rank, Alpha = options.Rank });
        model.Adapter = adapter;
        return Measure($"LoRA, rank {options.Rank}", model, options, options.Rank, cancellationToken);
    }

    private static TrainingBenchmarkResult Measure(
        string name,
        TrainableTransformer model,
        TrainingBenchmarkOptions options,
        int rank,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MeasuredSteps, 1, nameof(options));
        if (options.Length > model.Config.MaxPositions)
        {
            throw new ArgumentException(
                $"Sequences of {options.Length} tokens do not fit a context of {model.Config.MaxPositions}.", nameof(options));
        }

        var (sequences, targets) = Data(model.Config.VocabularySize, options);
        using var optimiser = new AdamW(model.Backend, model.TrainedParameters, new AdamWOptions());
        using var tape = new Tape(model.Backend);
        var seconds = new List<double>();
        for (var step = 0; step < options.WarmupSteps + options.MeasuredSteps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var clock = Stopwatch.GetTimestamp();
            var loss = model.Logits(tape, sequences).CrossEntropy(targets).Mean();
            tape.Backward(loss);
            tape.Reset();
            optimiser.Step(1e-4f);
            if (step >= options.WarmupSteps)
                seconds.Add(Stopwatch.GetElapsedTime(clock).TotalSeconds);
        }

        seconds.Sort();
        int[] lengths = [.. Enumerable.Repeat(options.Length, options.Sequences)];
        var operations = new TransformerOperations(model.Config, rank);
        var backward = rank > 0
            ? operations.BackwardToAdapter(lengths, targets.Length)
            : operations.BackwardToAll(lengths, targets.Length);
        return new TrainingBenchmarkResult(
            name,
            model.TrainedParameters.Sum(p => p.Length),
            targets.Length,
            seconds[0],
            seconds[seconds.Count / 2],
            (operations.Forward(lengths, targets.Length) + backward) / seconds[0] / 1e9);
    }

    /// <summary>Tokens that jump through the vocabulary, each the target of the one before.</summary>
    private static (PackedSequences Sequences, int[] Targets) Data(int vocabulary, TrainingBenchmarkOptions options)
    {
        var first = Math.Min(FirstWord, vocabulary / 2);
        int[][] sequences =
        [
            .. Enumerable.Range(0, options.Sequences).Select(s => Enumerable.Range(0, options.Length + 1)
                .Select(t => first + (int)(((long)s * options.Length + t) * 7919 % (vocabulary - first))).ToArray()),
        ];
        return (PackedSequences.Pack([.. sequences.Select(s => s[..^1])]), [.. sequences.SelectMany(s => s[1..])]);
    }
}
