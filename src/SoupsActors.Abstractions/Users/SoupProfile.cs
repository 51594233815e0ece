namespace SoupsActors.Users;

/// <summary>How the deltas of several experts become one.</summary>
public enum SoupMerge
{
    /// <summary>ΔW = Σ λ_i s_i B_i A_i: exact for any ranks.</summary>
    Product,

    /// <summary>
    /// ΔW = s (Σ λ_i B_i)(Σ λ_i A_i): averages the factors; experts of one rank, α, targets and A-initialisation only.
    /// </summary>
    Factor,
}

/// <summary>What a user's model is and how it answers.</summary>
[GenerateSerializer, Immutable]
public sealed record SoupProfile
{
    /// <summary>
    /// Weight λ by preference id or expert id. A missing one counts 0; an empty mix is the base model. Two names of one
    /// expert add up.
    /// </summary>
    [Id(0)]
    public Dictionary<string, double> Mix { get; init; } = [];

    /// <summary>How the experts are merged.</summary>
    [Id(1)]
    public SoupMerge Merge { get; init; }

    /// <summary>Divides all weights by their sum.</summary>
    [Id(2)]
    public bool Normalize { get; init; }

    /// <summary>Whether the sentences of the preferences with a positive weight go into the prompt.</summary>
    [Id(3)]
    public bool PromptTexts { get; init; }

    /// <summary>Put before each conversation that brings no system message of its own.</summary>
    [Id(4)]
    public string? SystemPrompt { get; init; }

    /// <summary>How tokens are chosen where a request does not say.</summary>
    [Id(5)]
    public SamplingSettings Sampling { get; init; } = new();

    /// <summary>Messages kept of a stored conversation; null takes the server's default, 0 keeps none.</summary>
    [Id(6)]
    public int? HistoryLimit { get; init; }
}

/// <summary>
/// Choices about sampling; null leaves a choice to the next one asked: request, profile, model, server.
/// </summary>
[GenerateSerializer, Immutable]
public sealed record SamplingSettings
{
    /// <summary>0 is greedy; 0 to 2.</summary>
    [Id(0)]
    public double? Temperature { get; init; }

    /// <summary>Only the most likely tokens that together reach this probability; above 0, at most 1.</summary>
    [Id(1)]
    public double? TopP { get; init; }

    /// <summary>Only the k most likely tokens; 0 is off.</summary>
    [Id(2)]
    public int? TopK { get; init; }

    /// <summary>Only tokens at least this fraction as likely as the most likely one; 0 to 1.</summary>
    [Id(3)]
    public double? MinP { get; init; }

    /// <summary>Makes tokens seen so far less likely; above 0, at most 10; 1 is off.</summary>
    [Id(4)]
    public double? RepetitionPenalty { get; init; }

    /// <summary>No n-gram of this length occurs twice; 0 is off, at most 64.</summary>
    [Id(5)]
    public int? NoRepeatNgram { get; init; }

    /// <summary>Most tokens of an answer.</summary>
    [Id(6)]
    public int? MaxTokens { get; init; }
}

/// <summary>A profile with the tag that a conditional write names.</summary>
/// <param name="Profile">The profile.</param>
/// <param name="ETag">Changes with each write; <c>0</c> for a user who never wrote.</param>
[GenerateSerializer, Immutable]
public sealed record VersionedProfile([property: Id(0)] SoupProfile Profile, [property: Id(1)] string ETag)
{
    /// <summary>When it was written; null for a user who never wrote, or who wrote before this was noted.</summary>
    [Id(2)]
    public DateTimeOffset? WrittenAt { get; init; }
}
