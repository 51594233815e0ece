using SoupsActors.Models.Experts;

namespace SoupsActors.Serving;

/// <summary>One request to an engine: token ids in, tokens out.</summary>
public sealed record GenerationRequest
{
    /// <summary>Token ids of the prompt, at least one.</summary>
    public required IReadOnlyList<int> Prompt { get; init; }

    /// <summary>The experts' weights.</summary>
    public Mix Mix { get; init; } = Mix.Empty;

    /// <summary>
    /// The experts that <see cref="Mix"/> names, resident or not; they stay leased until the request ends.
    /// </summary>
    public IReadOnlyList<Expert> Experts { get; init; } = [];

    /// <summary>How tokens are chosen.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Most tokens to generate, at least 1.</summary>
    public int MaxTokens { get; init; } = 256;

    /// <summary>Texts that end the answer; they are not part of it. They may lie across token borders.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Token ids that end the answer, such as the end-of-turn token.</summary>
    public IReadOnlyList<int> StopTokens { get; init; } = [];

    /// <summary>
    /// Log-probabilities per token: 0 for the chosen token alone, n for n alternatives too, null for none.
    /// </summary>
    public int? LogProbabilities { get; init; }

    /// <summary>Requests of one group share the engine fairly with those of others; usually the user's id.</summary>
    public string? FairnessKey { get; init; }

    /// <summary>
    /// Tokens of the answer that another engine made and delivered before it was lost. The answer goes on after them
    /// with the tokens that the other engine would have made: a token depends on base, mix, prompt, seed and its place.
    /// Needs the other engine's seed. Counted in the usage, not delivered again.
    /// </summary>
    public IReadOnlyList<int> Continuation { get; init; } = [];

    /// <summary>
    /// Gives way to all requests that are not: it joins when none of them waits, holds at most half of the cache, and
    /// beside them gets no more of the steps than <see cref="EngineOptions.BackgroundShare"/>. Its tokens are the same.
    /// </summary>
    public bool IsBackground { get; init; }
}

/// <summary>How the next token is chosen from the logits. The steps run in the order of the properties.</summary>
public sealed record SamplingOptions
{
    /// <summary>Added to the logits of single tokens, −100 to 100 as in OpenAI's interface.</summary>
    public IReadOnlyDictionary<int, float> LogitBias { get; init; } = new Dictionary<int, float>();

    /// <summary>
    /// Divides positive and multiplies negative logits of tokens seen so far; 1 is off (Keskar et al. 2019).
    /// </summary>
    public float RepetitionPenalty { get; init; } = 1f;

    /// <summary>No n-gram of this length occurs twice in prompt and answer; 0 is off.</summary>
    public int NoRepeatNgram { get; init; }

    /// <summary>0 is greedy; otherwise logits are divided by it.</summary>
    public float Temperature { get; init; } = 1f;

    /// <summary>Only the k most likely tokens; 0 is off.</summary>
    public int TopK { get; init; }

    /// <summary>
    /// Only the most likely tokens that together reach this probability; 1 is off (Holtzman et al. 2020).
    /// </summary>
    public float TopP { get; init; } = 1f;

    /// <summary>
    /// Only tokens at least this fraction as likely as the most likely; 0 is off (Nguyen et al. 2024).
    /// </summary>
    public float MinP { get; init; }

    /// <summary>Seed of this request's own random numbers; null draws one, which the result names.</summary>
    public ulong? Seed { get; init; }
}

/// <summary>Why an answer ended.</summary>
public enum FinishReason
{
    /// <summary>An end token or a stop text.</summary>
    Stop,

    /// <summary>The token limit or the context's end.</summary>
    Length,
}

/// <summary>Tokens counted for a request.</summary>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="CompletionTokens">Tokens generated, end tokens included.</param>
public readonly record struct TokenUsage(int PromptTokens, int CompletionTokens);

/// <summary>A token with its log-probability under the distribution before sampling filters.</summary>
/// <param name="Token">Token id.</param>
/// <param name="LogProbability">Natural logarithm.</param>
public readonly record struct TokenLogProbability(int Token, float LogProbability);

/// <summary>A piece of an answer. The last one carries <see cref="FinishReason"/> and <see cref="Usage"/>.</summary>
public sealed record GenerationUpdate
{
    /// <summary>New text, whole UTF-8 characters only; may be empty.</summary>
    public string Text { get; init; } = "";

    /// <summary>Token ids that this update adds.</summary>
    public IReadOnlyList<int> Tokens { get; init; } = [];

    /// <summary>The chosen tokens' log-probabilities, where asked for.</summary>
    public IReadOnlyList<TokenLogProbability>? LogProbabilities { get; init; }

    /// <summary>For each token the most likely alternatives, where asked for.</summary>
    public IReadOnlyList<IReadOnlyList<TokenLogProbability>>? TopLogProbabilities { get; init; }

    /// <summary>Set on the last update.</summary>
    public FinishReason? FinishReason { get; init; }

    /// <summary>Set on the last update.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>The seed in force, set on the last update.</summary>
    public ulong? Seed { get; init; }
}
