using System.Globalization;
using System.Text.Json;
using SoupsActors.Models.Tokenization.Chat;

namespace SoupsActors.Learning.Data.Datasets;

/// <summary>An entry cannot be used; the message completes "the entry …".</summary>
internal sealed class DatasetEntryException(string reason) : Exception(reason);

/// <summary>Fields of an entry, or the reason why they are not there.</summary>
internal static class EntryFields
{
    public static JsonElement Field(this JsonElement entry, string name) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(name, out var value)
            ? value
            : throw new DatasetEntryException($"has no field `{name}`");

    public static string Text(this JsonElement entry, string name) =>
        entry.Field(name).AsText(name);

    public static string NonEmptyText(this JsonElement entry, string name) =>
        Filled(entry.Text(name), name);

    public static string Filled(string text, string name) =>
        string.IsNullOrWhiteSpace(text) ? throw new DatasetEntryException($"has an empty `{name}`") : text;

    public static string? OptionalText(this JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.AsText(name) : null;

    public static double? OptionalNumber(this JsonElement entry, string name)
    {
        if (!entry.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw new DatasetEntryException($"has a `{name}` that is no number");
    }

    public static bool OptionalFlag(this JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    public static IEnumerable<JsonElement> List(this JsonElement entry, string name) =>
        entry.Field(name) is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray()
            : throw new DatasetEntryException($"has a `{name}` that is no list");

    public static string AsText(this JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw new DatasetEntryException($"has a `{name}` that is no text");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, written as an escape.
            throw new DatasetEntryException($"has broken Unicode in `{name}`");
        }
    }

    /// <summary>A mark, written as a number or as text; null for "N/A" and its like.</summary>
    public static double? Mark(this JsonElement value, string name)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Number when value.TryGetDouble(out var number) && double.IsFinite(number):
                return number;
            case JsonValueKind.Null:
                return null;
        }

        var text = value.AsText(name).Trim();
        if (text.Length == 0 || text.Equals("N/A", StringComparison.OrdinalIgnoreCase)
            || text.Equals("NA", StringComparison.OrdinalIgnoreCase)
            || text.Equals("None", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var mark)
            && double.IsFinite(mark)
            ? mark
            : throw new DatasetEntryException($"has a `{name}` of '{Shortened(text)}', which is no mark");
    }

    /// <summary>Messages: a text for one of <paramref name="role"/>, or a list of role and content.</summary>
    public static List<ChatTurn> Messages(this JsonElement entry, string name, string role)
    {
        var value = entry.Field(name);
        if (value.ValueKind == JsonValueKind.String)
            return [new ChatTurn(role, value.AsText(name))];
        var messages = entry.List(name)
            .Select(m => new ChatTurn(m.Text("role"), m.Text("content")))
            .ToList();
        var unknown = messages.Find(m => m.Role is not ("system" or "user" or "assistant"));
        return unknown is null
            ? messages
            : throw new DatasetEntryException($"has a message of unknown role '{Shortened(unknown.Role)}' in `{name}`");
    }

    /// <summary>A conversation as the newest message of the user and what came before.</summary>
    public static (string Prompt, IReadOnlyList<ChatTurn> Earlier) Prompt(IReadOnlyList<ChatTurn> conversation)
    {
        if (conversation is not [.., { Role: "user" } newest])
            throw new DatasetEntryException("has a prompt that does not end with a message of the user");
        return (Filled(newest.Content, "prompt"), [.. conversation.Take(conversation.Count - 1)]);
    }

    private static string Shortened(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
