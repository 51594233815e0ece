namespace SoupsActors.Feedback;

/// <summary>Which answers events are about.</summary>
public static class FeedbackAnswers
{
    /// <summary>The answers an event judges, in its own order: the better one of a pair first.</summary>
    public static IReadOnlyList<FeedbackAnswer> Answers(this FeedbackEvent feedback) => feedback switch
    {
        PairFeedback pair => [pair.Chosen, pair.Rejected],
        RankingFeedback ranking => ranking.Answers,
        AnswerFeedback about => [new FeedbackAnswer(about.Interaction, about.Answer)],
        _ => throw new ArgumentException($"{feedback?.GetType().Name} is no kind of feedback.", nameof(feedback)),
    };

    /// <summary>Prompt and answers as texts; null for what is not known.</summary>
    public static FeedbackContext Texts(this StoredFeedback stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        return stored.Context
            ?? new FeedbackContext(stored.Event.Prompt, [.. stored.Event.Answers().Select(a => a.Text)]);
    }
}
