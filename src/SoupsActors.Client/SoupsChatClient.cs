using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace SoupsActors.Client;

/// <summary>
/// Chat with a user's own soup of experts. The user and the mix travel in <see cref="ChatOptions"/>:
/// <c>new ChatOptions().WithUser("alice")</c>. Safe for concurrent use.
/// </summary>
public sealed class SoupsChatClient : IChatClient
{
    private readonly SoupsConnection connection;
    private readonly ChatClientMetadata metadata;

    internal SoupsChatClient(SoupsConnection connection)
    {
        this.connection = connection;
        metadata = new ChatClientMetadata("soups", connection.Endpoint, "soup");
    }

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = ChatRequestBody.Create(messages, options, stream: false);
        using var http = await connection.PostAsync("v1/chat/completions", request, cancellationToken);
        var answer = await SoupsConnection.ReadAsync<ChatAnswerBody>(http, cancellationToken);
        var choice = answer.Choices is [var first, ..]
            ? first
            : throw new SoupsApiException(HttpStatusCode.BadGateway, "The silo sent an answer without a choice.");
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, choice.Message?.Content))
        {
            ResponseId = answer.Id,
            ModelId = answer.Model,
            CreatedAt = answer.CreatedAt,
            FinishReason = choice.Finish,
            Usage = answer.Usage?.ToDetails(),
        };
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = ChatRequestBody.Create(messages, options, stream: true);
        using var http = await connection.PostAsync("v1/chat/completions", request, cancellationToken);
        await using var stream = await http.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            if (item.Data == "[DONE]")
                yield break;
            yield return Update(item.Data);
        }

        throw new SoupsApiException(
            HttpStatusCode.BadGateway, "The stream broke off before its end; what has arrived is incomplete.", "stream_broken");
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null)
            return null;
        return serviceType == typeof(ChatClientMetadata) ? metadata : serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The connection belongs to the HTTP client factory.
    }

    private static ChatResponseUpdate Update(string data)
    {
        using var json = JsonDocument.Parse(data);
        if (json.RootElement.TryGetProperty("error", out var error))
        {
            throw new SoupsApiException(
                HttpStatusCode.InternalServerError,
                error.GetProperty("message").GetString() ?? "The answer failed while it was under way.",
                error.TryGetProperty("code", out var code) ? code.GetString() : null);
        }

        var chunk = json.Deserialize<ChatAnswerBody>(SoupsConnection.Json)!;
        var choice = chunk.Choices is [var first, ..] ? first : null;
        var update = new ChatResponseUpdate(ChatRole.Assistant, choice?.Delta?.Content)
        {
            ResponseId = chunk.Id,
            MessageId = chunk.Id,
            ModelId = chunk.Model,
            CreatedAt = chunk.CreatedAt,
            FinishReason = choice?.Finish,
        };
        if (chunk.Usage is { } usage)
            update.Contents.Add(new UsageContent(usage.ToDetails()));
        return update;
    }
}
