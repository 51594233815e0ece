using System.Text.Json.Serialization;
using SoupsActors.Generation;

namespace SoupsActors.Feedback;

/// <summary>What became of one event.</summary>
public enum FeedbackStatus
{
    /// <summary>It is on disk.</summary>
    Accepted,

    /// <summary>It was on disk before; nothing changed.</summary>
    Duplicate,

    /// <summary>It is not stored; the error says why.</summary>
    Refused,
}

/// <summary>What became of one event of a batch.</summary>
/// <param name="OperationId">The event's operation id.</param>
/// <param name="Status">What became of it.</param>
/// <param name="Error">Why it was refused, and what to do; null otherwise.</param>
[GenerateSerializer, Immutable]
public sealed record FeedbackResult(
    [property: Id(0)] string OperationId,
    [property: Id(1)] FeedbackStatus Status,
    [property: Id(2)] FeedbackRefusal? Error = null);

/// <summary>Why an event was refused.</summary>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="Code">A stable word for programs.</param>
/// <param name="Param">The field at fault, where there is one.</param>
[GenerateSerializer, Immutable]
public sealed record FeedbackRefusal(
    [property: Id(0)] string Message, [property: Id(1)] string Code, [property: Id(2)] string? Param = null);

/// <summary>An event as it is kept.</summary>
/// <param name="Position">Its place in the log; later events have higher ones, with gaps where users were forgotten.</param>
/// <param name="ReceivedAt">When it was stored.</param>
/// <param name="Event">The event as it came.</param>
/// <param name="Context">What its interactions said at that time; null where the event brings all texts itself.</param>
[GenerateSerializer, Immutable]
public sealed record StoredFeedback(
    [property: Id(0)] long Position,
    [property: Id(1)] DateTimeOffset ReceivedAt,
    [property: Id(2)] FeedbackEvent Event,
    [property: Id(3)] FeedbackContext? Context = null);

/// <summary>
/// Prompt and answers that an event refers to, copied from the interactions, which are kept for a limited time only.
/// </summary>
/// <param name="Prompt">The conversation, or null where no text is kept.</param>
/// <param name="Answers">The answers in the order the event names them; null for one whose text is not kept.</param>
[GenerateSerializer, Immutable]
public sealed record FeedbackContext(
    [property: Id(0), JsonIgnore(Condition = JsonIgnoreCondition.Never)] ChatMessage[]? Prompt,
    [property: Id(1)] string?[] Answers);

/// <summary>How much feedback there is of one kind for one preference.</summary>
/// <param name="Preference">The preference, or null for events that name none.</param>
/// <param name="Kind">One of <see cref="FeedbackKinds"/>.</param>
/// <param name="Events">Number of events.</param>
/// <param name="Comparisons">Number of comparisons they make.</param>
/// <param name="Last">Position of the newest.</param>
[GenerateSerializer, Immutable]
public sealed record FeedbackCount(
    [property: Id(0)] string? Preference,
    [property: Id(1)] string Kind,
    [property: Id(2)] long Events,
    [property: Id(3)] long Comparisons,
    [property: Id(4)] long Last);

/// <summary>Which events to read; null leaves a field open.</summary>
[GenerateSerializer, Immutable]
public sealed record FeedbackFilter
{
    /// <summary>Only of this user.</summary>
    [Id(0)]
    public string? User { get; init; }

    /// <summary>Only about this preference; an empty text for events that name none.</summary>
    [Id(1)]
    public string? Preference { get; init; }

    /// <summary>Only of this kind.</summary>
    [Id(2)]
    public string? Kind { get; init; }
}
