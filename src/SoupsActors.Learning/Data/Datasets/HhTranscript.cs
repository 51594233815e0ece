using System.Text.Json;
using SoupsActors.Models.Tokenization.Chat;

namespace SoupsActors.Learning.Data.Datasets;

/// <summary>HH-RLHF (Bai et al. 2022): two transcripts that differ in the assistant's last message.</summary>
internal static class HhTranscript
{
    private const string Human = "\n\nHuman:";
    private const string Assistant = "\n\nAssistant:";

    public static IEnumerable<DatasetRow> Parse(JsonElement entry)
    {
        var chosen = Turns(entry.Text("chosen"), "chosen");
        var rejected = Turns(entry.Text("rejected"), "rejected");
        if (!chosen.SkipLast(1).SequenceEqual(rejected.SkipLast(1)))
            throw new DatasetEntryException("has transcripts that differ before the last answer");
        var (prompt, earlier) = EntryFields.Prompt([.. chosen.SkipLast(1)]);
        var (better, worse) = (Last(chosen, "chosen"), Last(rejected, "rejected"));
        return better != worse
            ? [new PairRow(prompt, earlier, better, worse) { Source = "hh-rlhf" }]
            : throw new DatasetEntryException("prefers one of two equal answers");
    }

    private static List<ChatTurn> Turns(string transcript, string name)
    {
        // Some transcripts lack the empty line before their first speaker.
        if (transcript.StartsWith(Human.TrimStart(), StringComparison.Ordinal))
            transcript = "\n\n" + transcript;
        var turns = new List<ChatTurn>();
        var at = Next(transcript, 0);
        if (at != 0)
            throw new DatasetEntryException($"has a `{name}` that does not begin with a speaker (\"Human:\")");
        while (at < transcript.Length)
        {
            var isHuman = transcript.AsSpan(at).StartsWith(Human, StringComparison.Ordinal);
            var start = at + (isHuman ? Human : Assistant).Length;
            at = Next(transcript, start);
            turns.Add(new ChatTurn(isHuman ? "user" : "assistant", transcript[start..at].Trim()));
        }

        return turns;
    }

    private static int Next(string transcript, int from)
    {
        var human = transcript.IndexOf(Human, from, StringComparison.Ordinal);
        var assistant = transcript.IndexOf(Assistant, from, StringComparison.Ordinal);
        return Math.Min(human < 0 ? transcript.Length : human, assistant < 0 ? transcript.Length : assistant);
    }

    private static string Last(List<ChatTurn> turns, string name) => turns[^1] is { Role: "assistant" } answer
        ? EntryFields.Filled(answer.Content, name)
        : throw new DatasetEntryException($"has a `{name}` that does not end with the assistant");
}
