using System.Diagnostics.Metrics;
using SoupsActors.Serving.Scheduling;

namespace SoupsActors.Serving.Diagnostics;

/// <summary>
/// The engine's instruments. Names that begin with gen_ai follow OpenTelemetry's conventions for generative AI servers;
/// the model's name is the only dimension beside the outcome, never a user.
/// </summary>
internal sealed class EngineMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Soups";

    private readonly Meter meter;
    private readonly bool ownsMeter;
    private readonly KeyValuePair<string, object?> model;
    private readonly KeyValuePair<string, object?> operation = new("gen_ai.operation.name", "text_completion");
    private readonly KeyValuePair<string, object?> provider = new("gen_ai.provider.name", "soups");
    private readonly Histogram<double> timeToFirstToken;
    private readonly Histogram<double> timePerOutputToken;
    private readonly Histogram<double> requestDuration;
    private readonly Histogram<double> queueTime;
    private readonly Histogram<int> batchRows;
    private readonly Histogram<int> batchMixes;
    private readonly Counter<long> promptTokens;
    private readonly Counter<long> outputTokens;
    private readonly Counter<long> expertUses;
    private readonly Counter<long> expertLoads;

    public EngineMetrics(IMeterFactory? factory, string modelName, Func<EngineStatistics> statistics)
    {
        ownsMeter = factory is null;
        meter = factory?.Create(MeterName) ?? new Meter(MeterName);
        model = new("gen_ai.request.model", modelName);
        timeToFirstToken = meter.CreateHistogram<double>(
            "gen_ai.server.time_to_first_token", "s", "From submission to the first token");
        timePerOutputToken = meter.CreateHistogram<double>(
            "gen_ai.server.time_per_output_token", "s", "Mean over the tokens after the first");
        requestDuration = meter.CreateHistogram<double>(
            "gen_ai.server.request.duration", "s", "From submission to the end");
        queueTime = meter.CreateHistogram<double>("soups.engine.queue.duration", "s", "From submission to admission");
        batchRows = meter.CreateHistogram<int>("soups.engine.batch.rows", "{row}", "Sequences in a step");
        batchMixes = meter.CreateHistogram<int>("soups.engine.batch.mixes", "{mix}", "Different mixes in a step");
        promptTokens = meter.CreateCounter<long>("soups.engine.prompt.tokens", "{token}", "Prompt tokens processed");
        outputTokens = meter.CreateCounter<long>("soups.engine.output.tokens", "{token}", "Tokens generated");
        expertUses = meter.CreateCounter<long>(
            "soups.engine.expert.uses", "{expert}", "Experts that admitted requests need");
        expertLoads = meter.CreateCounter<long>(
            "soups.engine.expert.loads", "{expert}", "Those of them that the model did not hold yet");
        Gauge("soups.engine.queue.length", "{request}", "Requests that wait", s => s.QueueLength);
        Gauge("soups.engine.rows.running", "{row}", "Rows that hold a place in the cache", s => s.RunningRows);
        Gauge("soups.engine.rows.parked", "{row}", "Rows that wait for their reader", s => s.ParkedRows);
        Gauge("soups.engine.kv.blocks.free", "{block}", "Unused blocks of the key/value cache", s => s.FreeBlocks);
        Gauge("soups.engine.kv.blocks.total", "{block}", "Blocks of the key/value cache", s => s.TotalBlocks);
        Gauge("soups.engine.experts.resident", "{expert}", "Experts that the model holds", s => s.ResidentExperts);

        void Gauge(string name, string unit, string description, Func<EngineStatistics, int> value) =>
            meter.CreateObservableGauge(
                name, () => new Measurement<int>(value(statistics()), model), unit, description);
    }

    public void Admitted(TimeSpan waited, int experts, int loads)
    {
        queueTime.Record(waited.TotalSeconds, model);
        expertUses.Add(experts, model);
        expertLoads.Add(loads, model);
    }

    public void FirstToken(TimeSpan sinceSubmission) =>
        timeToFirstToken.Record(sinceSubmission.TotalSeconds, operation, provider, model);

    public void Step(StepOutcome outcome)
    {
        batchRows.Record(outcome.Rows, model);
        batchMixes.Record(outcome.Mixes, model);
        promptTokens.Add(outcome.PromptTokens, model);
        outputTokens.Add(outcome.Generated, model);
    }

    public void Completed(TimeSpan duration, TimeSpan sinceFirstToken, int tokens)
    {
        requestDuration.Record(duration.TotalSeconds, operation, provider, model);
        if (tokens > 1)
            timePerOutputToken.Record(sinceFirstToken.TotalSeconds / (tokens - 1), operation, provider, model);
    }

    public void Failed(TimeSpan duration, string errorType) =>
        requestDuration.Record(duration.TotalSeconds, [operation, provider, model, new("error.type", errorType)]);

    public void Dispose()
    {
        if (ownsMeter)
            meter.Dispose();
    }
}
