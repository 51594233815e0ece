using System.Text.Json;
using SoupsActors.Models.Tokenization.Chat;

namespace SoupsActors.Learning.Data.Datasets;

/// <summary>
/// OpenAssistant (Köpf et al. 2023): a tree of messages; the assistant's replies to one message carry ranks, 0 for the
/// best. Each message of a prompter with two ranked replies or more is a row.
/// </summary>
internal static class OpenAssistantTree
{
    public static IEnumerable<DatasetRow> Parse(JsonElement entry, DatasetReport report)
    {
        if (entry.OptionalText("tree_state") is { } state && state != "ready_for_export")
            throw new DatasetEntryException($"is a tree in state '{state}', not 'ready_for_export'");
        var rows = new List<DatasetRow>();
        var root = entry.Field("prompt");
        if (!IsUsable(root, report))
            throw new DatasetEntryException("is a tree whose first message was deleted or rejected");
        Walk(root, [], rows, report);
        return rows.Count > 0 ? rows : throw new DatasetEntryException("is a tree without two ranked replies to one message");
    }

    private static void Walk(JsonElement message, ChatTurn[] before, List<DatasetRow> rows, DatasetReport report)
    {
        var isPrompter = Role(message) == "user";
        var text = message.Text("text");
        ChatTurn[] path = [.. before, new ChatTurn(isPrompter ? "user" : "assistant", text)];
        var replies = message.TryGetProperty("replies", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Where(reply => IsUsable(reply, report)).ToArray()
            : [];
        if (isPrompter && text.Length > 0)
            AddRow(text, before, replies, rows, report);
        foreach (var reply in replies)
            Walk(reply, path, rows, report);
    }

    private static void AddRow(
        string prompt, ChatTurn[] before, JsonElement[] replies, List<DatasetRow> rows, DatasetReport report)
    {
        var answers = new List<string>();
        var ranks = new List<int>();
        foreach (var reply in replies.Where(reply => Role(reply) == "assistant"))
        {
            if (reply.OptionalNumber("rank") is { } rank)
            {
                answers.Add(reply.NonEmptyText("text"));
                ranks.Add((int)rank);
            }
            else if (replies.Length > 1)
            {
                report.Skip("a reply without a rank");
            }
        }

        if (answers.Count > 1 && ranks.Distinct().Count() > 1)
            rows.Add(new RankedRow(prompt, before, answers, ranks) { Source = "oasst" });
    }

    private static bool IsUsable(JsonElement message, DatasetReport report)
    {
        if (message.OptionalFlag("deleted"))
            report.Skip("a deleted message with its replies");
        else if (message.TryGetProperty("review_result", out var review) && review.ValueKind == JsonValueKind.False)
            report.Skip("a rejected message with its replies");
        else
            return true;
        return false;
    }

    private static string Role(JsonElement message) => message.Text("role") switch
    {
        "prompter" => "user",
        "assistant" => "assistant",
        var role => throw new DatasetEntryException($"has a message of unknown role '{role}'"),
    };
}
