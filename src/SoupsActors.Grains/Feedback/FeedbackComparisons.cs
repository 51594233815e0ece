using System.Security.Cryptography;
using System.Text.Json;
using SoupsActors.Feedback;
using SoupsActors.Generation;
using SoupsActors.Learning.Data;
using SoupsActors.Models.Tokenization.Chat;

namespace SoupsActors.Grains.Feedback;

/// <summary>What events teach. Pure functions of an event and those before it, so that a replay gives the same data.</summary>
internal static class FeedbackComparisons
{
    /// <summary>Most earlier answers that a single reaction, rating or outcome is compared with.</summary>
    public const int MostPartners = 64;

    /// <summary>
    /// Single answers can be compared where user, preference, prompt and measure are the same: they share a topic. Null
    /// for events that are compared with nothing, or whose texts are not kept.
    /// </summary>
    public static string? TopicOf(FeedbackEvent feedback, FeedbackContext texts)
    {
        if (ScoreOf(feedback) is null || texts is not { Prompt: { } prompt, Answers: [not null] })
            return null;
        var measure = feedback is OutcomeFeedback outcome ? outcome.Name : "";
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(
            new { feedback.User, feedback.Preference, feedback.Kind, measure, prompt }))[..16]);
    }

    /// <summary>The comparisons an event completes, in a fixed order.</summary>
    /// <param name="stored">The event.</param>
    /// <param name="earlier">Events of the same topic before it, newest first.</param>
    public static IEnumerable<Comparison> Of(StoredFeedback stored, IReadOnlyList<StoredFeedback> earlier)
    {
        var texts = stored.Texts();
        if (texts.Prompt is not [.., { Role: "user" } newest] messages)
            return [];
        var pairs = stored.Event switch
        {
            PairFeedback pair => [(texts.Answers[0], texts.Answers[1], pair.Margin)],
            RankingFeedback ranking => Ranked(ranking, texts.Answers),
            CorrectionFeedback correction => [(correction.Text, texts.Answers[0], null)],
            _ => Scored(stored.Event, texts.Answers[0], earlier),
        };
        var before = Turns(messages);
        return pairs
            .Where(p => p is { Chosen: not null, Rejected: not null } && p.Chosen != p.Rejected)
            .Select(p => new Comparison(newest.Content, p.Chosen!, p.Rejected!)
            {
                Earlier = before,
                Preference = stored.Event.Preference,
                Margin = Bounded(p.Margin),
                Scale = (stored.Event as OutcomeFeedback)?.Name,
                Source = SourceOf(stored.Event),
            });
    }

    /// <summary>The answer that an event calls good or bad by itself; null where it does not.</summary>
    public static LabelledAnswer? LabelOf(StoredFeedback stored)
    {
        var texts = stored.Texts();
        if (texts is not { Prompt: [.., { Role: "user" } newest] messages, Answers: [{ } answer] })
            return null;
        var (label, score) = stored.Event switch
        {
            ReactionFeedback reaction => (reaction.Reaction == Thumb.Up, (double?)null),
            RatingFeedback rating when ScoreOf(rating) is { } mark => (mark >= 0.5, mark),
            OutcomeFeedback { Value: not 0 } outcome => (outcome.Value > 0, null),
            _ => ((bool?)null, (double?)null),
        };
        return label is { } good
            ? new LabelledAnswer(newest.Content, answer, good)
            {
                Earlier = Turns(messages),
                Preference = stored.Event.Preference,
                Score = score,
                Source = SourceOf(stored.Event),
            }
            : null;
    }

    /// <summary>The part of an answer that an event labels; null where there is none, or its text is not kept.</summary>
    public static LabelledSegment? SegmentOf(StoredFeedback stored) =>
        stored.Event is SegmentFeedback segment
        && stored.Texts() is { Prompt: [.., { Role: "user" } newest] messages, Answers: [{ } answer] }
        && segment.Length <= answer.Length - segment.Start
            ? new LabelledSegment(newest.Content, answer, segment.Start, segment.Length, segment.Label)
            {
                Earlier = Turns(messages),
                Preference = segment.Preference,
                Value = segment.Value,
                Source = SourceOf(segment),
            }
            : null;

    private static IEnumerable<(string? Chosen, string? Rejected, double? Margin)> Ranked(
        RankingFeedback ranking, string?[] answers)
    {
        var ranks = ranking.Ranks ?? [.. Enumerable.Range(0, answers.Length)];
        return
            from better in Enumerable.Range(0, answers.Length)
            from worse in Enumerable.Range(0, answers.Length)
            where ranks[better] < ranks[worse]
            select (answers[better], answers[worse], (double?)null);
    }

    // Who changed their mind about an answer is taken at the last word before this event. The margin of ratings is a
    // share of their scale's width, so that a scale of 100 marks weighs no more than one of five; that of outcomes is
    // in what they are measured in.
    private static IEnumerable<(string? Chosen, string? Rejected, double? Margin)> Scored(
        FeedbackEvent feedback, string? answer, IReadOnlyList<StoredFeedback> earlier)
    {
        if (ScoreOf(feedback) is not { } mine)
            yield break;
        foreach (var other in earlier.DistinctBy(e => e.Texts().Answers[0], StringComparer.Ordinal))
        {
            if (ScoreOf(other.Event) is not { } theirs)
                continue;
            var text = other.Texts().Answers[0];
            var margin = feedback is ReactionFeedback ? (double?)null : Math.Abs(mine - theirs);
            if (mine > theirs)
                yield return (answer, text, margin);
            else if (mine < theirs)
                yield return (text, answer, margin);
        }
    }

    private static double? ScoreOf(FeedbackEvent feedback) => feedback switch
    {
        ReactionFeedback reaction => reaction.Reaction == Thumb.Up ? 1 : 0,
        RatingFeedback { Score: var share } => double.IsNaN(share) ? null : Math.Clamp(share, 0, 1),
        OutcomeFeedback outcome => outcome.Value,
        _ => null,
    };

    // The log also has events from before there were bounds, and two outcomes within them may lie twice as far apart.
    private static double? Bounded(double? margin) =>
        margin is { } value ? Math.Clamp(value, 0, SoupsLimits.MaxFeedbackValue) : null;

    private static ChatTurn[] Turns(ChatMessage[] messages) =>
        [.. messages[..^1].Select(m => new ChatTurn(m.Role, m.Content))];

    private static string SourceOf(FeedbackEvent feedback) => "feedback/" + feedback.Kind;
}
