using System.Text.Json.Serialization;

namespace SoupsActors.Silo.Api.OpenAi;

/// <summary>Tokens counted.</summary>
internal sealed record UsageBody(int PromptTokens, int CompletionTokens, int TotalTokens);

/// <summary>Extension: the seed makes the answer repeatable, the interactions name the answers for feedback.</summary>
internal sealed record SoupBody(ulong? Seed, string[]? Interactions = null);

/// <summary>A whole answer of the chat interface.</summary>
internal sealed record ChatCompletion(
    string Id, string Object, long Created, string Model, ChatChoice[] Choices, UsageBody Usage, SoupBody Soup);

/// <summary>One of the answers.</summary>
internal sealed record ChatChoice(
    int Index,
    AssistantMessage Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ChatLogprobs? Logprobs,
    string FinishReason);

/// <summary>The message of an answer.</summary>
internal sealed record AssistantMessage(
    string Role, string Content, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Refusal = null);

/// <summary>A part of a streamed answer.</summary>
internal sealed record ChatChunk(
    string Id, string Object, long Created, string Model, ChatChunkChoice[] Choices, UsageBody? Usage, SoupBody? Soup);

/// <summary>What a part adds to one of the answers.</summary>
internal sealed record ChatChunkChoice(
    int Index,
    ChatDelta Delta,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ChatLogprobs? Logprobs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason);

/// <summary>New text.</summary>
internal sealed record ChatDelta(string? Role = null, string? Content = null);

/// <summary>Log-probabilities of the chat interface.</summary>
internal sealed record ChatLogprobs(ChatTokenLogprob[] Content);

/// <summary>A token and its alternatives.</summary>
internal sealed record ChatTokenLogprob(string Token, float Logprob, int[] Bytes, ChatTopLogprob[] TopLogprobs);

/// <summary>An alternative.</summary>
internal sealed record ChatTopLogprob(string Token, float Logprob, int[] Bytes);

/// <summary>An answer, or a part of one, of the plain interface.</summary>
internal sealed record TextCompletion(
    string Id, string Object, long Created, string Model, TextChoice[] Choices, UsageBody? Usage, SoupBody? Soup);

/// <summary>One of the answers.</summary>
internal sealed record TextChoice(
    int Index,
    string Text,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] TextLogprobs? Logprobs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason);

/// <summary>Log-probabilities of the plain interface.</summary>
internal sealed record TextLogprobs(
    string[] Tokens, float[] TokenLogprobs, Dictionary<string, float>[] TopLogprobs, int[] TextOffset);

/// <summary>A list of things.</summary>
internal sealed record ListBody<T>(T[] Data, string Object = "list");

/// <summary>A model to choose by its id.</summary>
internal sealed record ModelBody(
    string Id, long Created, string Root, string? Parent, string Object = "model", string OwnedBy = "soups-actors");

/// <summary>Something was deleted.</summary>
internal sealed record DeletedBody(string Id, string Object, bool Deleted = true);
