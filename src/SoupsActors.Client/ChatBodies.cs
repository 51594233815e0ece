using System.Globalization;
using Microsoft.Extensions.AI;

namespace SoupsActors.Client;

/// <summary>The body of a chat completion request, in OpenAI's format with the soup's extension.</summary>
internal sealed record ChatRequestBody(
    string Model,
    MessageBody[] Messages,
    bool Stream,
    StreamOptionsBody? StreamOptions,
    string? User,
    SoupBody? Soup,
    int? MaxTokens,
    double? Temperature,
    double? TopP,
    long? Seed,
    string[]? Stop,
    double? PresencePenalty,
    double? FrequencyPenalty)
{
    public static ChatRequestBody Create(IEnumerable<ChatMessage> messages, ChatOptions? options, bool stream)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (options?.Tools is { Count: > 0 })
            throw new NotSupportedException("The silo's models call no tools; send the request without tools.");
        if (options?.ResponseFormat is not (null or ChatResponseFormatText))
            throw new NotSupportedException("The silo answers in plain text only; leave the response format out.");
        var all = messages.Select(m => new MessageBody(m.Role.Value, m.Text));
        if (options?.Instructions is { Length: > 0 } instructions)
            all = all.Prepend(new MessageBody("system", instructions));
        var extra = options?.AdditionalProperties;
        var soup = new SoupBody(
            Get<IReadOnlyDictionary<string, double>>(SoupsChatOptions.MixKey),
            extra?.GetValueOrDefault(SoupsChatOptions.MergeKey)?.ToString()?.ToLower(CultureInfo.InvariantCulture),
            extra?.GetValueOrDefault(SoupsChatOptions.NormalizeKey) as bool?,
            extra?.GetValueOrDefault(SoupsChatOptions.PromptTextsKey) as bool?,
            extra?.GetValueOrDefault(SoupsChatOptions.HistoryKey) as bool?,
            options?.TopK);
        return new ChatRequestBody(
            options?.ModelId ?? "soup",
            [.. all],
            stream,
            stream ? new StreamOptionsBody(IncludeUsage: true) : null,
            Get<string>(SoupsChatOptions.UserKey),
            soup == SoupBody.Nothing ? null : soup,
            options?.MaxOutputTokens,
            options?.Temperature,
            options?.TopP,
            options?.Seed,
            options?.StopSequences is { Count: > 0 } stop ? [.. stop] : null,
            options?.PresencePenalty,
            options?.FrequencyPenalty);

        T? Get<T>(string key)
            where T : class => extra?.GetValueOrDefault(key) as T;
    }
}

internal sealed record MessageBody(string Role, string Content);

internal sealed record StreamOptionsBody(bool IncludeUsage);

internal sealed record SoupBody(
    IReadOnlyDictionary<string, double>? Mix, string? Merge, bool? Normalize, bool? PromptTexts, bool? History, int? TopK)
{
    public static SoupBody Nothing { get; } = new(null, null, null, null, null, null);
}

/// <summary>A chat completion, or a chunk of one.</summary>
internal sealed record ChatAnswerBody(string? Id, string? Model, long? Created, ChoiceBody[]? Choices, UsageBody? Usage)
{
    public DateTimeOffset? CreatedAt => Created is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}

internal sealed record ChoiceBody(MessagePart? Message, MessagePart? Delta, string? FinishReason)
{
    public ChatFinishReason? Finish => FinishReason is { } reason ? new ChatFinishReason(reason) : null;
}

internal sealed record MessagePart(string? Content);

internal sealed record UsageBody(long PromptTokens, long CompletionTokens, long TotalTokens)
{
    public UsageDetails ToDetails() => new()
    {
        InputTokenCount = PromptTokens,
        OutputTokenCount = CompletionTokens,
        TotalTokenCount = TotalTokens,
    };
}
