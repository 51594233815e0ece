using SoupsActors.Feedback;
using SoupsActors.Generation;

namespace SoupsActors.Grains.Feedback;

/// <summary>Which events are worth storing. Messages name the field as the HTTP interface does.</summary>
internal static class FeedbackRules
{
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromDays(1);
    private static readonly string[] Roles = ["system", "user", "assistant"];

    /// <exception cref="SoupsException">A field is missing, out of range, or does not belong to this kind.</exception>
    public static void Check(FeedbackEvent feedback, string user, DateTimeOffset now)
    {
        if (feedback.User != user)
            throw Wrong("The event is another user's.", "invalid_user", "user");
        if (feedback.Preference is not null && !Identifiers.IsExpert(feedback.Preference))
        {
            throw Wrong(
                "A preference id has 1 to 64 letters, digits, dots, dashes or underscores, such as P1A.",
                "invalid_preference",
                "preference");
        }

        if (feedback.At > now + ClockTolerance)
            throw Wrong("The time lies in the future. Send UTC or an offset, or leave `at` out.", "out_of_range", "at");
        CheckPrompt(feedback.Prompt);
        CheckAnswers(feedback);
        CheckKind(feedback);
    }

    /// <summary>What can only be judged once the texts are known.</summary>
    /// <exception cref="SoupsException">Both answers are the same, or a part lies outside of its answer.</exception>
    public static void CheckTexts(FeedbackEvent feedback, FeedbackContext texts)
    {
        var first = texts.Answers[0];
        switch (feedback)
        {
            case PairFeedback when first is not null && first == texts.Answers[1]:
                throw Wrong("Both answers are the same text; neither can be better.", "equal_answers", "rejected");
            case CorrectionFeedback correction when correction.Text == first:
                throw Wrong("The correction is the answer itself. Send the text that is better.", "equal_answers", "text");
            case SegmentFeedback segment when first is not null && segment.Length > first.Length - segment.Start:
                throw Wrong(
                    $"The part ends at {(long)segment.Start + segment.Length}, but the answer has {first.Length} characters.",
                    "out_of_range",
                    "length");
        }
    }

    private static void CheckPrompt(ChatMessage[]? prompt)
    {
        if (prompt is null)
            return;
        if (prompt.Length == 0 || prompt[^1].Role != "user" || Array.Exists(prompt, m => !Roles.Contains(m.Role)))
        {
            throw Wrong(
                "A prompt is a text, or messages of role system, user and assistant of which the last is the user's.",
                "invalid_prompt",
                "prompt");
        }

        if (prompt.Length > SoupsLimits.MaxHistoryMessages)
            throw Wrong($"A prompt has at most {SoupsLimits.MaxHistoryMessages} messages.", "out_of_range", "prompt");
        if (prompt.Sum(m => (long)m.Content.Length) > SoupsLimits.MaxFeedbackTextLength)
            throw TooLong("prompt");
    }

    private static void CheckAnswers(FeedbackEvent feedback)
    {
        var answers = feedback.Answers();
        var single = feedback is AnswerFeedback;
        foreach (var answer in answers)
        {
            if (answer.Interaction is null == answer.Text is null)
            {
                throw Wrong(
                    single
                        ? "Name the answer by `interaction`, or send `prompt` and `answer`; one of the two."
                        : "An answer is a text, or an object with an `interaction`; one of the two.",
                    "invalid_answer",
                    single ? "interaction" : "answers");
            }

            if (answer.Interaction is not null)
                Identifiers.RequireInteraction(answer.Interaction);
            if (answer.Text?.Length > SoupsLimits.MaxFeedbackTextLength)
                throw TooLong("answer");
        }

        if (feedback.Interaction is not null)
            Identifiers.RequireInteraction(feedback.Interaction);
        var named = feedback.Interaction is not null || answers.Any(a => a.Interaction is not null);
        if (named && feedback.Prompt is not null)
        {
            throw Wrong(
                "The interaction brings its prompt. Leave `prompt` out, or send all answers as texts.",
                "ambiguous_prompt",
                "prompt");
        }

        if (!named && feedback.Prompt is null)
            throw Wrong("Answers sent as texts need the `prompt` they answer.", "prompt_required", "prompt");
    }

    private static void CheckKind(FeedbackEvent feedback)
    {
        switch (feedback)
        {
            case PairFeedback { Margin: { } margin } when !(margin is >= 0 and <= SoupsLimits.MaxFeedbackValue):
                throw Wrong(
                    $"A margin is a number from 0 to {SoupsLimits.MaxFeedbackValue}.", "out_of_range", "margin");
            case RankingFeedback ranking:
                CheckRanking(ranking);
                break;
            case ReactionFeedback reaction when !Enum.IsDefined(reaction.Reaction):
                throw Wrong("A reaction is \"up\" or \"down\".", "out_of_range", "reaction");
            case RatingFeedback rating:
                CheckRating(rating);
                break;
            case SegmentFeedback segment:
                CheckName(segment.Label, "label");
                if (segment.Start < 0 || segment.Length < 1)
                    throw Wrong("A part starts at 0 or later and has a length of at least 1.", "out_of_range", "start");
                CheckValue(segment.Value ?? 0, "value");
                break;
            case CorrectionFeedback { Text.Length: 0 }:
                throw Wrong("The correction is empty. Send the answer as it should read.", "empty_correction", "text");
            case CorrectionFeedback { Text.Length: > SoupsLimits.MaxFeedbackTextLength }:
                throw TooLong("text");
            case OutcomeFeedback outcome:
                CheckName(outcome.Name, "name");
                CheckValue(outcome.Value, "value");
                break;
        }
    }

    private static void CheckRanking(RankingFeedback ranking)
    {
        if (ranking.Answers.Length is < 2 or > SoupsLimits.MaxRankedAnswers)
            throw Wrong($"A ranking has 2 to {SoupsLimits.MaxRankedAnswers} answers.", "out_of_range", "answers");
        if (ranking.Ranks is { } ranks && ranks.Length != ranking.Answers.Length)
            throw Wrong("`ranks` has one number for each answer.", "out_of_range", "ranks");
    }

    private static void CheckRating(RatingFeedback rating)
    {
        CheckValue(rating.Worst, "worst");
        CheckValue(rating.Best, "best");
        if (rating.Best <= rating.Worst)
            throw Wrong("The scale goes from `worst` to a higher `best`.", "out_of_range", "best");
        if (rating.Ratings.Count is 0 or > SoupsLimits.MaxRatedAspects)
            throw Wrong($"A rating has 1 to {SoupsLimits.MaxRatedAspects} aspects.", "out_of_range", "ratings");
        foreach (var (aspect, mark) in rating.Ratings)
        {
            CheckName(aspect, "ratings");
            if (!(mark >= rating.Worst && mark <= rating.Best))
            {
                throw Wrong(
                    $"The mark {mark} for '{aspect}' lies outside of the scale from {rating.Worst} to {rating.Best}. "
                        + "Change it, or send `worst` and `best`.",
                    "out_of_range",
                    "ratings");
            }
        }
    }

    private static void CheckValue(double value, string param)
    {
        const double Most = SoupsLimits.MaxFeedbackValue;
        if (!(value is >= -Most and <= Most))
            throw Wrong($"`{param}` is a number from {-Most} to {Most}.", "out_of_range", param);
    }

    private static void CheckName(string name, string param)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > SoupsLimits.MaxFeedbackLabelLength)
        {
            throw Wrong(
                $"A name in `{param}` has 1 to {SoupsLimits.MaxFeedbackLabelLength} characters.", "out_of_range", param);
        }
    }

    private static SoupsException TooLong(string param) => Wrong(
        $"`{param}` has more than {SoupsLimits.MaxFeedbackTextLength} characters.", "out_of_range", param);

    private static SoupsException Wrong(string message, string code, string param) =>
        SoupsException.Invalid(message, code, param);
}
