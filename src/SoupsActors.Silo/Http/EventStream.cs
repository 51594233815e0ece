using System.Buffers;
using System.Text.Json;

namespace SoupsActors.Silo.Http;

/// <summary>Server-sent events as OpenAI sends them: one JSON object a line, then <c>[DONE]</c>.</summary>
internal sealed class EventStream(HttpContext context)
{
    private static readonly byte[] Prefix = "data: "u8.ToArray();
    private static readonly byte[] End = "\n\n"u8.ToArray();
    private static readonly byte[] Done = "data: [DONE]\n\n"u8.ToArray();

    public void Start()
    {
        var headers = context.Response.Headers;
        headers.ContentType = "text/event-stream; charset=utf-8";
        headers.CacheControl = "no-cache";
        headers["X-Accel-Buffering"] = "no"; // proxies must not hold tokens back
    }

    /// <summary>Sends one event at once.</summary>
    public async Task SendAsync<T>(T body)
    {
        var writer = context.Response.BodyWriter;
        writer.Write(Prefix);
        using (var json = new Utf8JsonWriter(writer, new JsonWriterOptions { Encoder = ApiJson.Options.Encoder }))
            JsonSerializer.Serialize(json, body, ApiJson.Options);
        writer.Write(End);
        await writer.FlushAsync(context.RequestAborted);
    }

    /// <summary>Says that nothing follows.</summary>
    public async Task FinishAsync() => await context.Response.BodyWriter.WriteAsync(Done, context.RequestAborted);

    /// <summary>
    /// Runs the body of a stream. A failure after the first byte can no longer become a status, so it becomes an event,
    /// which clients of OpenAI's interface read as an error; the missing <c>[DONE]</c> says that the answer broke off.
    /// </summary>
    public async Task RunAsync(Func<Task> send, ILogger logger)
    {
        Start();
        try
        {
            await send();
            await FinishAsync();
        }
        catch (Exception error) when (context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            var known = ApiException.From(error);
            if (known is null)
                logger.LogError(error, "A stream broke off.");
            await SendAsync(ErrorBody.Of(
                known?.Status ?? StatusCodes.Status500InternalServerError,
                known?.Message ?? "The server failed while it answered. Its log has the cause.",
                known?.Code ?? "internal_error",
                known?.Param));
        }
    }
}
