using SoupsActors.Dashboard.Data.Feed;
using SoupsActors.Dashboard.Data.Mixes;
using SoupsActors.Feedback;

namespace SoupsActors.Dashboard.Data.Users;

/// <summary>What somebody said about answers, in words.</summary>
public static class FeedbackText
{
    private const int Excerpt = 160;

    /// <summary>Such as “Thumb up” or “Preferred “…” to “…””.</summary>
    public static string Describe(StoredFeedback stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var answers = stored.Texts().Answers;
        var first = Quote(answers.FirstOrDefault());
        return stored.Event switch
        {
            PairFeedback => $"Preferred {first} to {Quote(answers[1])}",
            RankingFeedback ranking =>
                RankedBest.Describe(ranking, n => $"Ranked {n} answers", i => Quote(answers.ElementAtOrDefault(i))),
            ReactionFeedback { Reaction: Thumb.Up } => $"Thumb up for {first}",
            ReactionFeedback => $"Thumb down for {first}",
            RatingFeedback rating =>
                $"Rated {string.Join(", ", rating.Ratings.Select(r => $"{r.Key} {MixText.Sign(r.Value)}"))}: {first}",
            SegmentFeedback segment => $"Marked a part as {segment.Label}: {first}",
            CorrectionFeedback correction => $"Corrected {first} to {Quote(correction.Text)}",
            OutcomeFeedback outcome => $"Outcome {outcome.Name} {MixText.Sign(outcome.Value)}: {first}",
            _ => stored.Event.Kind,
        };
    }

    /// <summary>What was asked, shortened; null where it is not kept.</summary>
    public static string? Question(StoredFeedback stored) =>
        stored.Texts().Prompt is [.., var last] ? Shorten(last.Content, Excerpt) : null;

    /// <summary>A text in quotation marks, shortened between characters.</summary>
    public static string Quote(string? text) =>
        text is null ? "an answer whose text is not kept" : $"“{Shorten(text, Excerpt)}”";

    /// <summary>At most so many characters, and an ellipsis where some are missing.</summary>
    public static string Shorten(string text, int most)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length <= most)
            return text;
        var end = char.IsHighSurrogate(text[most - 1]) ? most - 1 : most;
        return text[..end].TrimEnd() + "…";
    }
}
