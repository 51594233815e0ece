using System.Security.Cryptography;
using System.Text.Json;
using SoupsActors.Feedback;
using SoupsActors.Generation;
using SoupsActors.Learning.Data.Datasets;

namespace SoupsActors.Cli.Feedback;

/// <summary>Rows of data sets as feedback events.</summary>
internal static class DatasetEvents
{
    /// <summary>The events of a row; the same row makes the same events with the same operation ids.</summary>
    public static IEnumerable<FeedbackEvent> Of(DatasetRow row, string user)
    {
        FeedbackEvent[] events = row switch
        {
            PairRow pair => [new PairFeedback(FeedbackAnswer.Of(pair.Chosen), FeedbackAnswer.Of(pair.Rejected)) { Margin = pair.Margin }],
            RankedRow ranked => [new RankingFeedback([.. ranked.Answers.Select(FeedbackAnswer.Of)]) { Ranks = [.. ranked.Ranks] }],
            RatedRow rated =>
            [
                .. rated.Answers.Select(a => new RatingFeedback(new(a.Ratings))
                {
                    Answer = a.Text,
                    Worst = rated.Worst,
                    Best = rated.Best,
                }),
            ],
            LabelledRow labelled => [new ReactionFeedback(labelled.Label ? Thumb.Up : Thumb.Down) { Answer = labelled.Completion }],
            _ => throw new ArgumentException($"{row.GetType().Name} has no form as feedback.", nameof(row)),
        };
        ChatMessage[] prompt = [.. row.Earlier.Select(t => new ChatMessage(t.Role, t.Content)), new("user", row.Prompt)];
        return events.Select(e => WithOperationId(e with { User = user, Preference = row.Preference, Prompt = prompt }));
    }

    /// <summary>An exported event with the texts it referred to, for a silo that does not know its interactions.</summary>
    public static FeedbackEvent WithTexts(StoredFeedback stored)
    {
        if (stored.Context is not { } context)
            return stored.Event;
        var told = stored.Event with { Interaction = null, Prompt = context.Prompt };
        return told switch
        {
            PairFeedback pair => pair with { Chosen = Text(0), Rejected = Text(1) },
            RankingFeedback ranking => ranking with { Answers = [.. context.Answers.Select((_, i) => Text(i))] },
            AnswerFeedback about => about with { Answer = context.Answers[0] },
            _ => told,
        };

        FeedbackAnswer Text(int index) => new(null, context.Answers[index]);
    }

    /// <summary>The event named by its content.</summary>
    public static FeedbackEvent WithOperationId(FeedbackEvent feedback)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(feedback with { OperationId = "" }, FeedbackJson.Options);
        return feedback with { OperationId = "import-" + Convert.ToHexStringLower(SHA256.HashData(content)[..16]) };
    }
}
