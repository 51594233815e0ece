using System.Text.Json;
using SoupsActors.Feedback;
using SoupsActors.Silo.Http;

namespace SoupsActors.Silo.Api.Feedback;

/// <summary>Takes events to their users' grains, all of them at once, and brings the results back in order.</summary>
internal sealed class FeedbackIntake(IGrainFactory grains)
{
    /// <summary>Stores one event.</summary>
    /// <exception cref="ApiException">It was refused.</exception>
    public async Task<FeedbackResult> StoreAsync(FeedbackEvent feedback)
    {
        var result = (await grains.GetGrain<IFeedbackGrain>(feedback.User).Append([feedback]))[0];
        return result.Error is { } error
            ? throw new ApiException(StatusOf(error.Code), error.Message, error.Code, error.Param)
            : result;
    }

    /// <summary>Stores a batch; a wrong event is refused alone.</summary>
    /// <param name="elements">The events.</param>
    /// <param name="operationId">
    /// Names the batch: an event without an operation id of its own gets this one with its index, so that the same batch
    /// sent again is the same events.
    /// </param>
    public async Task<FeedbackResult[]> StoreAsync(JsonElement[] elements, string operationId)
    {
        var results = new FeedbackResult[elements.Length];
        var events = new List<(int Index, FeedbackEvent Event)>(elements.Length);
        for (var i = 0; i < elements.Length; i++)
        {
            try
            {
                events.Add((i, FeedbackParsing.Parse(elements[i], $"{operationId}/{i}")));
            }
            catch (Exception error) when (ApiException.From(error) is { Status: StatusCodes.Status400BadRequest } refusal)
            {
                results[i] = new FeedbackResult(
                    OperationIdOf(elements[i]) ?? $"{operationId}/{i}",
                    FeedbackStatus.Refused,
                    new FeedbackRefusal(refusal.Message, refusal.Code, refusal.Param));
            }
        }

        await Task.WhenAll(events.GroupBy(e => e.Event.User, StringComparer.Ordinal).Select(async group =>
        {
            var own = group.ToArray();
            var stored = await grains.GetGrain<IFeedbackGrain>(group.Key).Append([.. own.Select(e => e.Event)]);
            for (var i = 0; i < own.Length; i++)
                results[own[i].Index] = stored[i];
        }));
        return results;
    }

    private static int StatusOf(string code) => code switch
    {
        "unknown_interaction" => StatusCodes.Status404NotFound,
        "operation_id_reused" => StatusCodes.Status409Conflict,
        _ => StatusCodes.Status400BadRequest,
    };

    private static string? OperationIdOf(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty("operation_id", out var id) && id.ValueKind == JsonValueKind.String
            ? id.GetString()
            : null;
}
