using System.Text.Json;
using SoupsActors.Feedback;
using SoupsActors.Silo.Http;

namespace SoupsActors.Silo.Api.Feedback;

/// <summary>From the JSON of a request to events; a wrong one says what is wrong and leaves the others alone.</summary>
internal static class FeedbackParsing
{
    /// <summary>The events of a batch, or null where the body is a single event.</summary>
    /// <exception cref="ApiException">There are none, too many, or fields beside them.</exception>
    public static JsonElement[]? Batch(JsonElement body)
    {
        if (!body.TryGetProperty("events", out var events))
            return null;
        if (body.EnumerateObject().FirstOrDefault(p => !p.NameEquals("events")) is { Value.ValueKind: not JsonValueKind.Undefined } other)
        {
            throw ApiException.BadRequest(
                $"There is no field `{other.Name}` beside `events`. Put it into the events.", "unknown_field", other.Name);
        }

        if (events.ValueKind != JsonValueKind.Array || events.GetArrayLength() is 0 or > SoupsLimits.MaxFeedbackBatch)
        {
            throw ApiException.BadRequest(
                $"`events` is a list of 1 to {SoupsLimits.MaxFeedbackBatch} events. Send more of them in several requests.",
                "batch_too_large",
                "events");
        }

        return [.. events.EnumerateArray()];
    }

    /// <summary>One event.</summary>
    /// <param name="element">Its JSON.</param>
    /// <param name="operationId">Names it where it brings no operation id of its own.</param>
    /// <exception cref="ApiException">It is not of any kind's shape.</exception>
    /// <exception cref="SoupsException">It names no user.</exception>
    public static FeedbackEvent Parse(JsonElement element, string operationId)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw ApiException.BadRequest("An event is a JSON object: { ... }.", "wrong_type");
        var kind = element.TryGetProperty("kind", out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
        if (kind is null || !FeedbackKinds.All.Contains(kind))
        {
            throw ApiException.BadRequest(
                $"`kind` is one of {string.Join(", ", FeedbackKinds.All)}.", "unknown_kind", "kind");
        }

        try
        {
            var feedback = element.Deserialize<FeedbackEvent>(FeedbackJson.Options)!;
            Identifiers.RequireUser(feedback.User);
            return feedback.OperationId.Length > 0 ? feedback : feedback with { OperationId = operationId };
        }
        catch (JsonException error)
        {
            throw JsonBody.WrongShape(error);
        }
        catch (InvalidOperationException)
        {
            throw ApiException.BadRequest("A text contains half of a character (a lone surrogate).", "invalid_json");
        }
    }
}
