using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using SoupsActors.Feedback;

namespace SoupsActors.Client;

/// <content>Feedback.</content>
public sealed partial class SoupsClient
{
    private const int LargestBatch = 500;
    private const int LargestBody = 1 << 20;

    /// <summary>Sends one event. It is on disk when this returns, once, however often it was sent.</summary>
    /// <param name="feedback">
    /// The event; without an operation id it gets one that serves the repetitions of this call.
    /// </param>
    /// <param name="cancellationToken">Gives up; the event may or may not have been stored.</param>
    /// <exception cref="SoupsApiException">It was refused.</exception>
    public async Task<FeedbackResult> SendFeedbackAsync(
        FeedbackEvent feedback, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(feedback);
        var result = (await SendFeedbackAsync([feedback], cancellationToken))[0];
        return result.Error is { } error
            ? throw new SoupsApiException(HttpStatusCode.BadRequest, error.Message, error.Code, error.Param)
            : result;
    }

    /// <summary>Sends any number of events in batches; a wrong one is refused alone, and its result says why.</summary>
    /// <returns>One result for each event, in their order.</returns>
    public async Task<IReadOnlyList<FeedbackResult>> SendFeedbackAsync(
        IReadOnlyList<FeedbackEvent> events, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        var results = new List<FeedbackResult>(events.Count);
        foreach (var batch in Batches(events))
        {
            var body = await connection.WriteAsync<FeedbackBody>(
                HttpMethod.Post, "v1/feedback", new { events = batch }, null, null, cancellationToken);
            results.AddRange(body.Results.Select(r => new FeedbackResult(r.OperationId, r.Status, r.Error)));
        }

        return results;
    }

    /// <summary>Reads events in the order they were stored.</summary>
    /// <param name="filter">Which ones; null for all.</param>
    /// <param name="after">Only events with a higher position.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<StoredFeedback> ReadFeedbackAsync(
        FeedbackFilter? filter = null, long after = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var lines = await OpenFeedbackAsync("events", filter, after, cancellationToken);
        await foreach (var stored in JsonSerializer.DeserializeAsyncEnumerable<StoredFeedback>(
            lines, topLevelValues: true, FeedbackJson.Options, cancellationToken))
        {
            yield return stored!;
        }
    }

    /// <summary>Opens an export as JSON Lines.</summary>
    /// <param name="format">
    /// <c>events</c>, <c>pairs</c> (prompt, chosen, rejected), <c>labels</c> (prompt, completion, label) or
    /// <c>segments</c> (prompt, completion, start and length in UTF-16 code units, segment, label, value).
    /// </param>
    /// <param name="filter">Which ones; null for all. User and kind are for events only.</param>
    /// <param name="after">Only events with a higher position.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Stream> OpenFeedbackAsync(
        string format = "events", FeedbackFilter? filter = null, long after = 0, CancellationToken cancellationToken = default)
    {
        var query = new Dictionary<string, string?>
        {
            ["format"] = format,
            ["user"] = filter?.User,
            ["preference"] = filter?.Preference,
            ["kind"] = filter?.Kind,
            ["after"] = after == 0 ? null : $"{after}",
        };
        var parameters = query.Where(p => p.Value is not null).Select(p => $"{p.Key}={Uri.EscapeDataString(p.Value!)}");
        var response = await connection.GetStreamAsync("v1/feedback?" + string.Join('&', parameters), cancellationToken);
        return await response.Content.ReadAsStreamAsync(cancellationToken);
    }

    /// <summary>How much feedback there is by preference and kind.</summary>
    public async Task<IReadOnlyList<FeedbackCount>> CountFeedbackAsync(CancellationToken cancellationToken = default) =>
        (await connection.GetAsync<ListBody<FeedbackCount>>("v1/feedback/stats", cancellationToken)).Data;

    /// <summary>An answer with all that made it; its id is the id of the response.</summary>
    /// <exception cref="SoupsApiException">It is unknown or no longer kept.</exception>
    public Task<Interaction> GetInteractionAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return connection.GetAsync<Interaction>($"v1/interactions/{Uri.EscapeDataString(id)}", cancellationToken);
    }

    // Ids are given here and not by the silo, so that a batch sent again is the same events.
    private static IEnumerable<JsonNode[]> Batches(IReadOnlyList<FeedbackEvent> events)
    {
        var batch = new List<JsonNode>();
        var size = 0;
        foreach (var feedback in events)
        {
            var named = feedback.OperationId.Length > 0
                ? feedback
                : feedback with { OperationId = Guid.NewGuid().ToString("N") };
            var json = JsonSerializer.SerializeToUtf8Bytes(named, FeedbackJson.Options);
            if (batch.Count > 0 && (batch.Count == LargestBatch || size + json.Length > LargestBody))
            {
                yield return [.. batch];
                batch.Clear();
                size = 0;
            }

            batch.Add(JsonNode.Parse(json)!);
            size += json.Length;
        }

        if (batch.Count > 0)
            yield return [.. batch];
    }

    private sealed record FeedbackBody(FeedbackResultBody[] Results);

    private sealed record FeedbackResultBody(string OperationId, FeedbackStatus Status, FeedbackRefusal? Error);
}
