using SoupsActors.Generation;
using SoupsActors.Users;

namespace SoupsActors.Feedback;

/// <summary>An expert that took part in an answer.</summary>
/// <param name="Id">The expert.</param>
/// <param name="Version">Number of the version that answered.</param>
/// <param name="Hash">Content hash of that version.</param>
/// <param name="Weight">λ.</param>
[GenerateSerializer, Immutable]
public sealed record InteractionExpert(
    [property: Id(0)] string Id, [property: Id(1)] int Version, [property: Id(2)] string Hash, [property: Id(3)] double Weight);

/// <summary>One answer and all that made it, kept for a limited time so that feedback can refer to it.</summary>
[GenerateSerializer, Immutable]
public sealed record Interaction
{
    /// <summary>Names the answer.</summary>
    [Id(0)]
    public string Id { get; init; } = "";

    /// <summary>Who asked, or null for a guest.</summary>
    [Id(1)]
    public string? User { get; init; }

    /// <summary>When the answer was complete, or broke off.</summary>
    [Id(2)]
    public DateTimeOffset At { get; init; }

    /// <summary>
    /// The conversation with system prompt and stored messages, without the preferences' sentences; null for a text that
    /// was continued and where no text is kept.
    /// </summary>
    [Id(3)]
    public ChatMessage[]? Messages { get; init; }

    /// <summary>The text that was continued; null for a conversation and where no text is kept.</summary>
    [Id(4)]
    public string? Prompt { get; init; }

    /// <summary>Sentences that were added to the newest message of the user.</summary>
    [Id(5)]
    public string[] PromptTexts { get; init; } = [];

    /// <summary>The answer, or as much of it as was sent; null where no text is kept.</summary>
    [Id(6)]
    public string? Answer { get; init; }

    /// <summary>Why it ended; null where it broke off.</summary>
    [Id(7)]
    public AnswerEnd? End { get; init; }

    /// <summary>The mix: each expert's version with its weight; empty for the base model.</summary>
    [Id(8)]
    public InteractionExpert[] Experts { get; init; } = [];

    /// <summary>How the experts were merged.</summary>
    [Id(9)]
    public SoupMerge Merge { get; init; }

    /// <summary>Sampling as request and profile wanted it.</summary>
    [Id(10)]
    public SamplingSettings Sampling { get; init; } = new();

    /// <summary>The seed in force; null where the answer broke off before it was known.</summary>
    [Id(11)]
    public ulong? Seed { get; init; }
}
