using Microsoft.Extensions.Logging;
using SoupsActors.Models.Inference;
using SoupsActors.Serving.Diagnostics;

namespace SoupsActors.Serving.Scheduling;

/// <summary>What one step did.</summary>
/// <param name="Rows">Sequences in it.</param>
/// <param name="Tokens">Tokens fed.</param>
/// <param name="PromptTokens">Those of them that belong to prompts.</param>
/// <param name="Mixes">Different mixes in it.</param>
/// <param name="Generated">Tokens that came out.</param>
internal readonly record struct StepOutcome(int Rows, int Tokens, int PromptTokens, int Mixes, int Generated);

/// <summary>Runs the model over the running rows once and hands each finished row of logits on.</summary>
internal sealed partial class StepRunner
{
    // The virtual token counter's price of a generated token; a prompt token costs 1, as it shares its step.
    private const int OutputTokenPrice = 2;

    private readonly IStepModel model;
    private readonly TimeProvider time;
    private readonly EngineMetrics metrics;
    private readonly ILogger logger;
    private readonly Action<SequenceState, Exception> fail;
    private readonly StepBatch batch;
    private readonly BatchPlanner planner;
    private readonly TokenStage tokens;
    private long steps;
    private int generated;

    /// <param name="model">The model.</param>
    /// <param name="options">Limits of a step.</param>
    /// <param name="time">Clock of the measurements.</param>
    /// <param name="metrics">Where they go.</param>
    /// <param name="logger">For failed steps.</param>
    /// <param name="fail">Ends one row with an error.</param>
    public StepRunner(
        IStepModel model,
        EngineOptions options,
        TimeProvider time,
        EngineMetrics metrics,
        ILogger logger,
        Action<SequenceState, Exception> fail)
    {
        this.model = model;
        this.time = time;
        this.metrics = metrics;
        this.logger = logger;
        this.fail = fail;
        var blocksPerSequence = (model.ContextLength + model.BlockTokens - 1) / model.BlockTokens;
        batch = new StepBatch(
            options.MaxTokensPerStep, options.MaxSequences, blocksPerSequence, model.VocabularySize);
        planner = new BatchPlanner(options, batch);
        tokens = new TokenStage(model.VocabularySize);
    }

    public StepOutcome Run(List<SequenceState> running)
    {
        planner.Plan(running);
        if (planner.Rows.IsEmpty)
            return default;
        var outcome = new StepOutcome(
            planner.Rows.Length, batch.TokenCount, planner.PromptTokens, CountMixes(), Generated: 0);
        generated = 0;
        Forward();
        outcome = outcome with { Generated = generated };
        metrics.Step(outcome);
        return outcome;
    }

    private int CountMixes()
    {
        steps++;
        var count = 0;
        foreach (var row in planner.Rows)
        {
            if (row.SharedMix!.LastStep == steps)
                continue;
            row.SharedMix.LastStep = steps;
            count++;
        }

        return count;
    }

    private void Forward()
    {
        try
        {
            model.Forward(batch);
        }
        catch (Exception exception)
        {
            LogStepFailed(exception, planner.Rows.Length);
            if (planner.Rows.Length == 1)
                FailRow(planner.Rows[0], exception);
            else
                ForwardOneByOne();
            return;
        }

        Collect();
    }

    /// <summary>
    /// One row may be what the model cannot take, and the others must not suffer for it. A step can be repeated: it
    /// writes the same keys and values to the same places.
    /// </summary>
    private void ForwardOneByOne()
    {
        var rows = planner.Rows.ToArray();
        var chunks = planner.Chunks.ToArray();
        for (var i = 0; i < rows.Length; i++)
        {
            try
            {
                planner.PlanAlone(rows[i], chunks[i]);
                model.Forward(batch);
            }
            catch (Exception exception)
            {
                FailRow(rows[i], exception);
                continue;
            }

            Collect();
        }
    }

    private void FailRow(SequenceState row, Exception exception) =>
        fail(row, new GenerationFailedException($"The model failed: {exception.Message}", exception));

    private void Collect()
    {
        var logitRow = 0;
        for (var i = 0; i < planner.Rows.Length; i++)
        {
            var row = planner.Rows[i];
            row.Computed += planner.Chunks[i];
            if (row.Computed != row.Length)
                continue;
            var logits = batch.Logits.AsSpan(logitRow++ * model.VocabularySize, model.VocabularySize);
            try
            {
                tokens.Advance(row, logits);
            }
            catch (Exception exception)
            {
                fail(row, exception as GenerationFailedException ?? new GenerationFailedException(
                    $"The next token could not be made: {exception.Message}", exception));
                continue;
            }

            Account(row);
        }
    }

    private void Account(SequenceState row)
    {
        generated++;
        row.Account!.Used += OutputTokenPrice;
        if (row.Length == row.KnownLength + 1)
        {
            row.FirstToken = time.GetTimestamp();
            metrics.FirstToken(time.GetElapsedTime(row.Submitted, row.FirstToken));
        }

        if (row.IsOver)
        {
            metrics.Completed(
                time.GetElapsedTime(row.Submitted), time.GetElapsedTime(row.FirstToken), row.Generated);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A step with {Rows} rows failed")]
    private partial void LogStepFailed(Exception exception, int rows);
}
