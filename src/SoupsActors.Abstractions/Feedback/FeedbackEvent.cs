using System.Text.Json.Serialization;
using SoupsActors.Generation;

namespace SoupsActors.Feedback;

/// <summary>
/// Something that somebody said about answers. Events are kept as they came, in the order they were stored, and become
/// training data when a trainer reads them.
/// </summary>
/// <remarks>
/// Answers are named by interaction id where this silo gave them, or stand in the event as texts together with
/// <see cref="Prompt"/>.
/// </remarks>
[GenerateSerializer, Immutable]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(PairFeedback), FeedbackKinds.Pair)]
[JsonDerivedType(typeof(RankingFeedback), FeedbackKinds.Ranking)]
[JsonDerivedType(typeof(ReactionFeedback), FeedbackKinds.Reaction)]
[JsonDerivedType(typeof(RatingFeedback), FeedbackKinds.Rating)]
[JsonDerivedType(typeof(SegmentFeedback), FeedbackKinds.Segment)]
[JsonDerivedType(typeof(CorrectionFeedback), FeedbackKinds.Correction)]
[JsonDerivedType(typeof(OutcomeFeedback), FeedbackKinds.Outcome)]
public abstract record FeedbackEvent
{
    /// <summary>Whose opinion it is.</summary>
    [Id(0)]
    public string User { get; init; } = "";

    /// <summary>
    /// Names the event among its user's; however often and however late it is sent again, it is stored once.
    /// </summary>
    [Id(1)]
    public string OperationId { get; init; } = "";

    /// <summary>
    /// The answer it is about. Pairs and rankings name theirs themselves and may name here whose prompt applies to texts.
    /// </summary>
    [Id(2)]
    public string? Interaction { get; init; }

    /// <summary>The preference it was judged by, or null for which answer is better at all.</summary>
    [Id(3)]
    public string? Preference { get; init; }

    /// <summary>When the opinion was given; null for when it arrives.</summary>
    [Id(4)]
    public DateTimeOffset? At { get; init; }

    /// <summary>The conversation that was answered, newest message last, where no interaction says.</summary>
    [Id(5)]
    [JsonConverter(typeof(PromptConverter))]
    public ChatMessage[]? Prompt { get; init; }

    /// <summary>One of <see cref="FeedbackKinds"/>.</summary>
    [JsonIgnore]
    public abstract string Kind { get; }
}

/// <summary>The kinds of feedback, as words.</summary>
public static class FeedbackKinds
{
    /// <summary><see cref="PairFeedback"/>.</summary>
    public const string Pair = "pair";

    /// <summary><see cref="RankingFeedback"/>.</summary>
    public const string Ranking = "ranking";

    /// <summary><see cref="ReactionFeedback"/>.</summary>
    public const string Reaction = "reaction";

    /// <summary><see cref="RatingFeedback"/>.</summary>
    public const string Rating = "rating";

    /// <summary><see cref="SegmentFeedback"/>.</summary>
    public const string Segment = "segment";

    /// <summary><see cref="CorrectionFeedback"/>.</summary>
    public const string Correction = "correction";

    /// <summary><see cref="OutcomeFeedback"/>.</summary>
    public const string Outcome = "outcome";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
        [Pair, Ranking, Reaction, Rating, Segment, Correction, Outcome];
}
