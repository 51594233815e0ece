using System.Text.Json;

namespace SoupsActors.Silo.Api.OpenAi;

/// <summary>The body of POST /v1/chat/completions.</summary>
internal sealed record ChatCompletionRequest : GenerationFields
{
    /// <summary>The conversation, the newest message last.</summary>
    public ChatMessageFields[]? Messages { get; init; }

    /// <summary>Most tokens of the answer; the newer name of `max_tokens`.</summary>
    public int? MaxCompletionTokens { get; init; }

    /// <summary>Whether to send the tokens' log-probabilities.</summary>
    public bool? Logprobs { get; init; }

    /// <summary>Alternatives per token, 0 to 20; needs `logprobs`.</summary>
    public int? TopLogprobs { get; init; }

    /// <summary>Not supported.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary>Not supported.</summary>
    public JsonElement? Functions { get; init; }

    /// <summary>Only `{"type":"text"}`.</summary>
    public JsonElement? ResponseFormat { get; init; }
}

/// <summary>A message.</summary>
internal sealed record ChatMessageFields
{
    /// <summary>`system` (or `developer`), `user` or `assistant`.</summary>
    public string? Role { get; init; }

    /// <summary>A text, or a list of parts of type `text`.</summary>
    public JsonElement? Content { get; init; }
}

/// <summary>The body of POST /v1/completions.</summary>
internal sealed record CompletionRequest : GenerationFields
{
    /// <summary>A text to continue, as it stands.</summary>
    public JsonElement? Prompt { get; init; }

    /// <summary>Alternatives per token, 0 to 20.</summary>
    public int? Logprobs { get; init; }

    /// <summary>Whether the answer begins with the prompt.</summary>
    public bool? Echo { get; init; }

    /// <summary>Not supported.</summary>
    public string? Suffix { get; init; }

    /// <summary>Not supported other than 1.</summary>
    public int? BestOf { get; init; }
}
