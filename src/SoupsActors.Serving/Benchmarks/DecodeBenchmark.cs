using System.Diagnostics;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Inference;
using SoupsActors.Serving.Delivery;

namespace SoupsActors.Serving.Benchmarks;

/// <summary>How much to measure.</summary>
public sealed record DecodeBenchmarkOptions
{
    /// <summary>Rows that decode together.</summary>
    public IReadOnlyList<int> BatchSizes { get; init; } = [1, 8, 32];

    /// <summary>Steps before the clock starts, after all prompts have been read.</summary>
    public int WarmupSteps { get; init; } = 8;

    /// <summary>Steps that are measured; each gives one token a row.</summary>
    public int MeasuredSteps { get; init; } = 64;
}

/// <summary>One measurement.</summary>
/// <param name="Rows">Name of the rows' kind.</param>
/// <param name="Batch">Rows that decoded together.</param>
/// <param name="Mixes">Different mixes among them.</param>
/// <param name="Tokens">Tokens generated while the clock ran.</param>
/// <param name="Seconds">What the clock said.</param>
/// <param name="TokensPerSecond">Over all rows.</param>
/// <param name="BytesPerToken">Managed memory allocated by the whole process, per token.</param>
public sealed record DecodeBenchmarkResult(
    string Rows, int Batch, int Mixes, int Tokens, double Seconds, double TokensPerSecond, double BytesPerToken);

/// <summary>Measures decoding alone: the engine's own loop, greedy, after the prompts have been read.</summary>
public static class DecodeBenchmark
{
    /// <summary>Runs every kind of rows at every batch size; each result is given as soon as it is there.</summary>
    /// <param name="model">Used on the calling thread, not disposed.</param>
    /// <param name="prompts">Row i gets prompt i modulo their number; at least one.</param>
    /// <param name="kinds">What to run.</param>
    /// <param name="options">How much to measure.</param>
    /// <param name="text">Also measures turning tokens into text, where given.</param>
    /// <exception cref="RequestRefusedException">
    /// The prompts and steps do not fit the model's context or cache.
    /// </exception>
    public static IEnumerable<DecodeBenchmarkResult> Run(
        IStepModel model,
        IReadOnlyList<IReadOnlyList<int>> prompts,
        IReadOnlyList<DecodeRows> kinds,
        DecodeBenchmarkOptions? options = null,
        ITokenText? text = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(kinds);
        options ??= new DecodeBenchmarkOptions();
        return
            from rows in kinds
            from batch in options.BatchSizes
            select Measure(model, prompts, rows, batch, options, text);
    }

    private static DecodeBenchmarkResult Measure(
        IStepModel model,
        IReadOnlyList<IReadOnlyList<int>> prompts,
        DecodeRows rows,
        int batch,
        DecodeBenchmarkOptions options,
        ITokenText? text)
    {
        var tokensPerStep = Math.Min(model.MaxTokensPerStep, Math.Max(256, batch));
        var engine = GenerationEngine.WithoutThread(new BorrowedModel(model), text, new EngineOptions
        {
            MaxSequences = batch,
            MaxTokensPerStep = tokensPerStep,
            PrefillChunk = tokensPerStep,
            MaxResidentExperts = Math.Max(1, rows.Experts.Count),
        });
        try
        {
            var answers = Submit(engine, prompts, rows, batch, tokensPerStep, options);
            do
                Step(engine, answers);
            while (engine.Statistics is var s && (s.LastBatchRows < batch || s.LastBatchTokens > batch));
            for (var i = 0; i < options.WarmupSteps; i++)
                Step(engine, answers);

            var before = engine.Statistics.GeneratedTokens;
            var allocated = GC.GetTotalAllocatedBytes(precise: true);
            var clock = Stopwatch.GetTimestamp();
            for (var i = 0; i < options.MeasuredSteps; i++)
                Step(engine, answers);
            var seconds = Stopwatch.GetElapsedTime(clock).TotalSeconds;
            allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;

            var after = engine.Statistics;
            var tokens = (int)(after.GeneratedTokens - before);
            return new DecodeBenchmarkResult(
                rows.Name, batch, after.LastBatchMixes, tokens, seconds, tokens / seconds, (double)allocated / tokens);
        }
        finally
        {
            engine.StopNow();
        }
    }

    private static Answer[] Submit(
        GenerationEngine engine,
        IReadOnlyList<IReadOnlyList<int>> prompts,
        DecodeRows rows,
        int batch,
        int tokensPerStep,
        DecodeBenchmarkOptions options)
    {
        // Rows that have read their prompt early generate while the others still read.
        var toRead = Enumerable.Range(0, batch).Sum(row => prompts[row % prompts.Count].Count);
        var readInStep = Math.Max(1, tokensPerStep - batch);
        var readingSteps = (toRead + readInStep - 1) / readInStep;
        var answers = new Answer[batch];
        for (var row = 0; row < batch; row++)
        {
            answers[row] = engine.Submit(new GenerationRequest
            {
                Prompt = prompts[row % prompts.Count],
                Mix = rows.Mixes[row % rows.Mixes.Count],
                Experts = rows.Experts,
                Sampling = new SamplingOptions { Temperature = 0, Seed = 0 },
                MaxTokens = options.WarmupSteps + options.MeasuredSteps + readingSteps + 2,
            });
        }

        return answers;
    }

    private static void Step(GenerationEngine engine, Answer[] answers)
    {
        if (engine.Step() && engine.Statistics.QueueLength > 0)
        {
            throw new InvalidOperationException(
                $"{answers.Length} rows do not fit the model's key/value cache together; give it more blocks.");
        }

        foreach (var answer in answers)
        {
            if (answer.Skip())
            {
                throw new InvalidOperationException(
                    "An answer ended before the measurement did: the context is too short for prompt and steps.");
            }
        }
    }

    /// <summary>Lets an engine come and go without its model.</summary>
    private sealed class BorrowedModel(IStepModel model) : IStepModel
    {
        public int VocabularySize => model.VocabularySize;

        public int ContextLength => model.ContextLength;

        public int BlockTokens => model.BlockTokens;

        public int BlockCount => model.BlockCount;

        public int MaxTokensPerStep => model.MaxTokensPerStep;

        public int MaxSequences => model.MaxSequences;

        public void SetExperts(IReadOnlyList<Expert> experts) => model.SetExperts(experts);

        public void Forward(StepBatch batch) => model.Forward(batch);

        public void Dispose()
        {
        }
    }
}
