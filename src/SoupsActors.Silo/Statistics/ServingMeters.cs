using System.Diagnostics.Metrics;

namespace SoupsActors.Silo.Statistics;

/// <summary>
/// Listens to the instruments that exporters read too, the engine's and ASP.NET's, and counts what they say. Only this
/// host's meters are heard, should a process have several hosts.
/// </summary>
internal sealed class ServingMeters : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly IMeterFactory meters;
    private readonly ServingHistory history;

    public ServingMeters(IMeterFactory meters, ServingHistory history)
    {
        this.meters = meters;
        this.history = history;
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, this.meters) && IsWanted(instrument))
                own.EnableMeasurementEvents(instrument, instrument.Name);
        };
        listener.SetMeasurementEventCallback<double>(OnDuration);
        listener.SetMeasurementEventCallback<long>(OnCount);
        listener.SetMeasurementEventCallback<int>(OnSize);
        listener.Start();
    }

    public void Dispose() => listener.Dispose();

    private static bool IsWanted(Instrument instrument) => instrument.Name is
        "http.server.request.duration" or "gen_ai.server.request.duration" or "gen_ai.server.time_to_first_token"
        or "gen_ai.server.time_per_output_token" or "soups.engine.output.tokens" or "soups.engine.prompt.tokens"
        or "soups.engine.expert.uses" or "soups.engine.expert.loads" or "soups.engine.batch.rows"
        or "soups.engine.batch.mixes";

    private void OnDuration(
        Instrument instrument, double seconds, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        switch (instrument.Name)
        {
            case "http.server.request.duration":
                OnRequest(tags);
                break;
            case "gen_ai.server.request.duration":
                // Who goes away before the end has not been failed.
                if (Find(tags, "error.type") is var error && error is not "cancelled")
                    history.Now.Answer(isFailure: error is not null);
                break;
            case "gen_ai.server.time_to_first_token":
                history.Now.FirstToken(seconds);
                break;
            default:
                history.Now.PerToken(seconds);
                break;
        }
    }

    // The API alone: health checks and the pages of the dashboard itself are nobody's requests.
    private void OnRequest(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Find(tags, "http.route") is string route && route.StartsWith("/v1/", StringComparison.Ordinal)
            && !route.StartsWith("/v1/cluster", StringComparison.Ordinal))
        {
            history.Now.Request(Find(tags, "http.response.status_code") is int and >= 500);
        }
    }

    private void OnCount(
        Instrument instrument, long count, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        switch (instrument.Name)
        {
            case "soups.engine.output.tokens":
                history.Now.OutputTokens(count);
                break;
            case "soups.engine.prompt.tokens":
                history.Now.PromptTokens(count);
                break;
            case "soups.engine.expert.uses":
                history.Now.ExpertUses(count);
                break;
            default:
                history.Now.ExpertLoads(count);
                break;
        }
    }

    private void OnSize(
        Instrument instrument, int size, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        if (instrument.Name == "soups.engine.batch.rows")
            history.Now.Step(size);
        else
            history.Now.Mixes(size);
    }

    private static object? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == name)
                return tag.Value;
        }

        return null;
    }
}
