using System.Text.Json;
using SoupsActors.Models.Tokenization.Chat;

namespace SoupsActors.Learning.Data.Datasets;

/// <summary>
/// Hugging Face's preference shapes: texts or conversations, with the prompt or with it as the common beginning, and
/// unpaired rows of prompt, completion, label.
/// </summary>
internal static class HuggingFaceEntry
{
    public static IEnumerable<DatasetRow> Parse(JsonElement entry)
    {
        if (entry.TryGetProperty("completion", out _) || entry.TryGetProperty("label", out _))
            return [Labelled(entry)];
        var chosen = entry.Messages("chosen", "assistant");
        var rejected = entry.Messages("rejected", "assistant");
        var stated = entry.TryGetProperty("prompt", out _) ? entry.Messages("prompt", "user") : null;
        var conversation = stated ?? CommonBeginning(chosen, rejected);
        var (prompt, earlier) = EntryFields.Prompt(conversation);
        var (better, worse) = (Answer(chosen, conversation, "chosen"), Answer(rejected, conversation, "rejected"));
        if (better == worse)
            throw new DatasetEntryException("prefers one of two equal answers");
        var margin = entry.OptionalNumber("margin");
        if (margin < 0)
            throw new DatasetEntryException("has a negative `margin`");
        return [new PairRow(prompt, earlier, better, worse) { Margin = margin, Source = entry.OptionalText("source") }];
    }

    private static LabelledRow Labelled(JsonElement entry)
    {
        var conversation = entry.Messages("prompt", "user");
        var (prompt, earlier) = EntryFields.Prompt(conversation);
        var label = entry.Field("label") switch
        {
            { ValueKind: JsonValueKind.True } => true,
            { ValueKind: JsonValueKind.False } => false,
            { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out var n) && n is 0 or 1 => n == 1,
            _ => throw new DatasetEntryException("has a `label` that is neither true nor false"),
        };
        return new LabelledRow(
            prompt, earlier, Answer(entry.Messages("completion", "assistant"), conversation, "completion"), label)
        {
            Source = entry.OptionalText("source"),
        };
    }

    private static List<ChatTurn> CommonBeginning(List<ChatTurn> chosen, List<ChatTurn> rejected)
    {
        var common = chosen.Zip(rejected).TakeWhile(pair => pair.First == pair.Second).Count();
        return common > 0
            ? chosen[..Math.Min(common, chosen.Count - 1)]
            : throw new DatasetEntryException("has no `prompt`, and `chosen` and `rejected` do not begin alike");
    }

    // Some sets repeat the prompt in front of the answer.
    private static string Answer(List<ChatTurn> messages, List<ChatTurn> prompt, string name)
    {
        var rest = messages.Take(prompt.Count).SequenceEqual(prompt) ? messages[prompt.Count..] : messages;
        return rest is [{ Role: "assistant" } answer]
            ? EntryFields.Filled(answer.Content, name)
            : throw new DatasetEntryException($"has a `{name}` that is not one message of the assistant after the prompt");
    }
}
