using SoupsActors.Users;

namespace SoupsActors.Generation;

/// <summary>One message of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">The text.</param>
[GenerateSerializer, Immutable]
public sealed record ChatMessage([property: Id(0)] string Role, [property: Id(1)] string Content);

/// <summary>Which model a request is for.</summary>
public enum ModelChoice
{
    /// <summary>The user's own mix, or the one the request brings.</summary>
    Soup,

    /// <summary>The base model: no expert, no preference sentences.</summary>
    Base,

    /// <summary>One expert at weight 1.</summary>
    Expert,
}

/// <summary>
/// A request for text, as a user makes it: either <see cref="Messages"/>, to which the model's chat template is applied,
/// or <see cref="Prompt"/>, which is continued as it stands.
/// </summary>
[GenerateSerializer, Immutable]
public sealed record TextRequest
{
    // JSON readers that hold numbers as doubles give these seeds back unchanged.
    private const long DrawnSeeds = 1L << 53;

    /// <summary>The conversation, the newest message last.</summary>
    [Id(0)]
    public ChatMessage[]? Messages { get; init; }

    /// <summary>A text to continue.</summary>
    [Id(1)]
    public string? Prompt { get; init; }

    /// <summary>Which model answers.</summary>
    [Id(2)]
    public ModelChoice Model { get; init; }

    /// <summary>The expert's id where <see cref="Model"/> is <see cref="ModelChoice.Expert"/>.</summary>
    [Id(3)]
    public string? Expert { get; init; }

    /// <summary>What this request changes of the profile.</summary>
    [Id(4)]
    public SoupOverride Soup { get; init; } = new();

    /// <summary>What this request changes of the sampling.</summary>
    [Id(5)]
    public SamplingSettings Sampling { get; init; } = new();

    /// <summary>Texts that end the answer and are not part of it.</summary>
    [Id(6)]
    public string[] Stop { get; init; } = [];

    /// <summary>Added to the logits of single tokens, −100 to 100.</summary>
    [Id(7)]
    public Dictionary<int, float> LogitBias { get; init; } = [];

    /// <summary>
    /// Log-probabilities per token: 0 for the chosen token alone, n for n alternatives too, null for none.
    /// </summary>
    [Id(8)]
    public int? LogProbabilities { get; init; }

    /// <summary>Seed of this request's random numbers; null draws one.</summary>
    [Id(9)]
    public ulong? Seed { get; init; }

    /// <summary>
    /// Names the exchange that a stored conversation gains; a repeated one is stored once. Null draws one.
    /// </summary>
    [Id(10)]
    public string? OperationId { get; init; }

    /// <summary>
    /// Names the answer, so that feedback can refer to it; null draws a name. A name belongs to its first answer.
    /// </summary>
    [Id(11)]
    public string? Interaction { get; init; }

    /// <summary>
    /// The request with a seed, drawn where it has none, so that sending it again after a lost call asks for the answer
    /// that was lost, not for another one.
    /// </summary>
    public TextRequest Seeded() => Seed is null ? this with { Seed = (ulong)Random.Shared.NextInt64(DrawnSeeds) } : this;
}

/// <summary>What one request changes of the user's profile; null leaves it as the profile says.</summary>
[GenerateSerializer, Immutable]
public sealed record SoupOverride
{
    /// <summary>Replaces the whole mix.</summary>
    [Id(0)]
    public Dictionary<string, double>? Mix { get; init; }

    /// <summary>How the experts are merged.</summary>
    [Id(1)]
    public SoupMerge? Merge { get; init; }

    /// <summary>Divides all weights by their sum.</summary>
    [Id(2)]
    public bool? Normalize { get; init; }

    /// <summary>Whether the preferences' sentences go into the prompt.</summary>
    [Id(3)]
    public bool? PromptTexts { get; init; }

    /// <summary>
    /// Continues the stored conversation: its messages come before those of the request, and this exchange is stored.
    /// </summary>
    [Id(4)]
    public bool History { get; init; }
}
