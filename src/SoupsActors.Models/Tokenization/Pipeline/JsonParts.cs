using System.Text.Json;
using SoupsActors.Models.Files;

namespace SoupsActors.Models.Tokenization.Pipeline;

/// <summary>Reads the typed parts of a tokenizer.json; whatever is not understood is refused by name.</summary>
internal static class JsonParts
{
    public static bool IsAbsent(this JsonElement element) =>
        element.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    public static JsonElement Part(this JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value : default;

    public static string TypeName(this JsonElement part, string where) => part.Text("type", where);

    public static string Text(this JsonElement part, string name, string where) =>
        part.Part(name) is { ValueKind: JsonValueKind.String } value
            ? value.GetString()!
            : throw TokenizerFile.Error($"The {where} of tokenizer.json lacks the text '{name}'.");

    public static string? OptionalText(this JsonElement part, string name) =>
        part.Part(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public static bool Flag(this JsonElement part, string name, bool otherwise = false)
    {
        var value = part.Part(name);
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Undefined or JsonValueKind.Null => otherwise,
            _ => throw TokenizerFile.Error($"'{name}' in the tokenizer's files must be true or false."),
        };
    }

    public static int Number(this JsonElement part, string name, string where) =>
        part.Part(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number)
            ? number
            : throw TokenizerFile.Error($"The {where} of tokenizer.json lacks the number '{name}'.");

    public static IEnumerable<JsonElement> Items(this JsonElement part, string name, string where) =>
        part.Part(name) is { ValueKind: JsonValueKind.Array } value
            ? value.EnumerateArray()
            : throw TokenizerFile.Error($"The {where} of tokenizer.json lacks the list '{name}'.");

    public static ModelFormatException Unsupported(string what, string name, string supported) =>
        TokenizerFile.Error($"The tokenizer's {what} '{name}' is not supported. Supported: {supported}.");
}
