using System.Security.Cryptography;
using System.Text.Json;
using SoupsActors.Feedback;

namespace SoupsActors.Dashboard.Data.Feed;

/// <summary>An event as the stream shows it: short, however long its texts are.</summary>
/// <param name="Position">Its place in the log.</param>
/// <param name="At">When it was stored.</param>
/// <param name="Kind">One of <see cref="FeedbackKinds"/>.</param>
/// <param name="User">Who gave it.</param>
/// <param name="Preference">The preference it was judged by, or null.</param>
/// <param name="Said">What was said, in a few words.</param>
/// <param name="Prompt">The beginning of the newest message that was answered, or null where it is not kept.</param>
/// <param name="Vote">The judgement of two answers, where it is one.</param>
public sealed record FeedbackLine(
    long Position,
    DateTimeOffset At,
    string Kind,
    string User,
    string? Preference,
    string Said,
    string? Prompt,
    PairVote? Vote)
{
    private const int ExcerptLength = 120;

    /// <summary>The line of an event.</summary>
    public static FeedbackLine Of(StoredFeedback stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var feedback = stored.Event;
        var texts = stored.Texts();
        return new FeedbackLine(
            stored.Position,
            stored.ReceivedAt,
            feedback.Kind,
            feedback.User,
            feedback.Preference,
            Words(feedback, texts.Answers),
            texts.Prompt is [.., var newest] ? Excerpt(newest.Content) : null,
            VoteOf(feedback, texts));
    }

    /// <summary>The beginning of a text; what is left out is marked.</summary>
    public static string Excerpt(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length <= ExcerptLength)
            return text;
        var end = char.IsHighSurrogate(text[ExcerptLength - 1]) ? ExcerptLength - 1 : ExcerptLength;
        return text[..end] + " …";
    }

    private static string Words(FeedbackEvent feedback, string?[] answers)
    {
        var about = Answer(0);
        return feedback switch
        {
            PairFeedback => $"Better: {about}",
            RankingFeedback ranking => RankedBest.Describe(ranking, n => $"{n} answers in order", Answer),
            ReactionFeedback { Reaction: Thumb.Up } => $"Thumb up: {about}",
            ReactionFeedback => $"Thumb down: {about}",
            RatingFeedback rating => $"{Marks(rating)}: {about}",
            SegmentFeedback segment => $"A part is “{Excerpt(segment.Label)}”: {about}",
            CorrectionFeedback correction => $"Should read “{Excerpt(correction.Text)}”",
            OutcomeFeedback outcome => $"{Excerpt(outcome.Name)} {outcome.Value:0.###}: {about}",
            _ => feedback.Kind,
        };

        string Answer(int i) =>
            answers.ElementAtOrDefault(i) is { } text ? $"“{Excerpt(text)}”" : "an answer whose text is not kept";
    }

    private static string Marks(RatingFeedback rating) => Excerpt(string.Join(
        ", ", rating.Ratings.OrderBy(r => r.Key).Select(r => $"{r.Key} {r.Value:0.##} of {rating.Best:0.##}")));

    // Two people judged the same pair where prompt and answers are the same texts, whichever stood left.
    private static PairVote? VoteOf(FeedbackEvent feedback, FeedbackContext texts)
    {
        if (texts is not { Prompt: { } prompt, Answers: [{ } better, { } other] } || better == other)
            return null;
        int? judged = feedback switch
        {
            PairFeedback => 1,
            RankingFeedback { Ranks: null } => 1,
            RankingFeedback { Ranks: [var a, var b] } => Math.Sign(b - a),
            _ => null,
        };
        if (judged is not { } verdict)
            return null;
        var isFirst = string.CompareOrdinal(better, other) < 0;
        var (first, second) = isFirst ? (better, other) : (other, better);
        var key = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(
            new { feedback.Preference, prompt, first, second }))[..16]);
        return new PairVote(key, feedback.User, feedback.Preference, isFirst ? verdict : -verdict);
    }
}

/// <summary>One person's judgement of two answers.</summary>
/// <param name="Pair">Names the pair; the same for everyone who judged it by the same preference.</param>
/// <param name="Rater">Who judged.</param>
/// <param name="Preference">By which preference, or null.</param>
/// <param name="Verdict">
/// 1 where the first answer in the order of their texts is better, −1 where the other is, 0 for a tie.
/// </param>
public sealed record PairVote(string Pair, string Rater, string? Preference, int Verdict);
