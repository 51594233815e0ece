using System.Text.Json.Serialization;

namespace SoupsActors.Feedback;

/// <summary>An answer that feedback is about: one this silo gave, or a text from elsewhere.</summary>
/// <param name="Interaction">Id of the interaction, or null.</param>
/// <param name="Text">The text, or null.</param>
[GenerateSerializer, Immutable]
[JsonConverter(typeof(AnswerConverter))]
public sealed record FeedbackAnswer([property: Id(0)] string? Interaction = null, [property: Id(1)] string? Text = null)
{
    /// <summary>An answer of this silo.</summary>
    public static FeedbackAnswer Given(string interaction) => new(interaction);

    /// <summary>A text.</summary>
    public static FeedbackAnswer Of(string text) => new(null, text);
}

/// <summary>One answer is better than another.</summary>
/// <param name="Chosen">The better one.</param>
/// <param name="Rejected">The other one.</param>
[GenerateSerializer, Immutable]
public sealed record PairFeedback(
    [property: Id(0)] FeedbackAnswer Chosen, [property: Id(1)] FeedbackAnswer Rejected) : FeedbackEvent
{
    /// <summary>By how much, on a scale of the sender's, 0 to 10⁹; trainings bring it to 0 to 1.</summary>
    [Id(2)]
    public double? Margin { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => FeedbackKinds.Pair;
}

/// <summary>Several answers to one prompt in order.</summary>
/// <param name="Answers">Best first.</param>
[GenerateSerializer, Immutable]
public sealed record RankingFeedback([property: Id(0)] FeedbackAnswer[] Answers) : FeedbackEvent
{
    /// <summary>
    /// A rank for each answer, smaller is better, equal ones are tied; null for no ties. Where all are tied nothing is
    /// learnt from it, but it counts when raters are compared.
    /// </summary>
    [Id(1)]
    public int[]? Ranks { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => FeedbackKinds.Ranking;
}

/// <summary>Feedback about one answer: <see cref="FeedbackEvent.Interaction"/>, or a text.</summary>
[GenerateSerializer, Immutable]
public abstract record AnswerFeedback : FeedbackEvent
{
    /// <summary>The answer's text where no interaction is named.</summary>
    [Id(0)]
    public string? Answer { get; init; }
}

/// <summary>Thumb up or down.</summary>
public enum Thumb
{
    /// <summary>Not liked.</summary>
    Down,

    /// <summary>Liked.</summary>
    Up,
}

/// <summary>A thumb up or down.</summary>
/// <param name="Reaction">Which.</param>
[GenerateSerializer, Immutable]
public sealed record ReactionFeedback([property: Id(0)] Thumb Reaction) : AnswerFeedback
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => FeedbackKinds.Reaction;
}

/// <summary>Marks, one for each aspect.</summary>
/// <param name="Ratings">Mark by aspect, such as <c>helpfulness</c>; higher is better.</param>
[GenerateSerializer, Immutable]
public sealed record RatingFeedback([property: Id(0)] Dictionary<string, double> Ratings) : AnswerFeedback
{
    /// <summary>The worst mark of the scale, at least −10⁹.</summary>
    [Id(1)]
    public double Worst { get; init; } = 1;

    /// <summary>The best mark of the scale, at most 10⁹.</summary>
    [Id(2)]
    public double Best { get; init; } = 5;

    /// <summary>The mean mark, 0 for the worst to 1 for the best.</summary>
    [JsonIgnore]
    public double Score => (Ratings.Values.Average() - Worst) / (Best - Worst);

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => FeedbackKinds.Rating;
}

/// <summary>A label on a part of an answer, as dense rewards need them.</summary>
/// <param name="Start">First character of the part, counted in UTF-16 code units from 0.</param>
/// <param name="Length">Its length in UTF-16 code units, at least 1.</param>
/// <param name="Label">What it is, such as <c>false</c>, <c>off-topic</c>, <c>good</c>.</param>
[GenerateSerializer, Immutable]
public sealed record SegmentFeedback(
    [property: Id(0)] int Start, [property: Id(1)] int Length, [property: Id(2)] string Label) : AnswerFeedback
{
    /// <summary>How good the part is, where the label alone does not say.</summary>
    [Id(3)]
    public double? Value { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => FeedbackKinds.Segment;
}

/// <summary>How the answer should have read; it is better than the one that was given.</summary>
/// <param name="Text">The better answer.</param>
[GenerateSerializer, Immutable]
public sealed record CorrectionFeedback([property: Id(0)] string Text) : AnswerFeedback
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => FeedbackKinds.Correction;
}

/// <summary>What came of an answer later: bought, solved, came back.</summary>
/// <param name="Name">What was observed.</param>
/// <param name="Value">How good it is, −10⁹ to 10⁹; 0 is indifferent, higher is better.</param>
[GenerateSerializer, Immutable]
public sealed record OutcomeFeedback([property: Id(0)] string Name, [property: Id(1)] double Value) : AnswerFeedback
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => FeedbackKinds.Outcome;
}
