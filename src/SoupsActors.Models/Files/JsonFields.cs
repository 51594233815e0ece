using System.Text.Json;

namespace SoupsActors.Models.Files;

/// <summary>
/// Typed access to the keys of one JSON object, with errors that name the file and the key. Null counts as absent.
/// </summary>
internal readonly struct JsonFields(string path, JsonElement element, string prefix = "")
{
    public string Path => path;

    public bool Has(string key) => TryGet(key, out _);

    /// <summary>Whether the key is not even there with null.</summary>
    public bool IsAbsent(string key) => !element.TryGetProperty(key, out _);

    /// <summary>The raw value, or false where the key is absent or null.</summary>
    public bool TryGet(string key, out JsonElement value) =>
        element.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>An error about one key.</summary>
    public ModelFormatException Error(string key, string problem) => new(path, $"{prefix}{key} {problem}");

    public int? Int(string key) =>
        !TryGet(key, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number
        : throw Error(key, $"is {Show(value)}, but must be an integer.");

    public long? Long(string key) =>
        !TryGet(key, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number
        : throw Error(key, $"is {Show(value)}, but must be an integer.");

    public int RequiredInt(string key) => Int(key) ?? throw Error(key, "is missing.");

    public double? Number(string key) =>
        !TryGet(key, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
        : throw Error(key, $"is {Show(value)}, but must be a finite number.");

    public double RequiredNumber(string key) => Number(key) ?? throw Error(key, "is missing.");

    public bool? Bool(string key) =>
        !TryGet(key, out var value) ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Error(key, $"is {Show(value)}, but must be true or false.");

    public string? Text(string key) =>
        !TryGet(key, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? ReadText(key, value)
        : throw Error(key, $"is {Show(value)}, but must be a text.");

    public JsonFields? Object(string key) =>
        !TryGet(key, out var value) ? null
        : value.ValueKind == JsonValueKind.Object ? new JsonFields(path, value, $"{prefix}{key}.")
        : throw Error(key, $"is {Show(value)}, but must be an object.");

    /// <summary>Texts of an array.</summary>
    public string[]? Texts(string key)
    {
        if (!TryGet(key, out var value))
            return null;
        if (value.ValueKind != JsonValueKind.Array
            || value.EnumerateArray().Any(
            e => e.ValueKind != JsonValueKind.String))
            throw Error(key, $"is {Show(value)}, but must be a list of texts.");
        var self = this;
        return [.. value.EnumerateArray().Select(e => self.ReadText(key, e))];
    }

    /// <summary>One integer or an array of them.</summary>
    public int[]? OneOrManyInts(string key)
    {
        if (!TryGet(key, out var value))
            return null;
        var items = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value];
        if (items.Any(e => e.ValueKind != JsonValueKind.Number || !e.TryGetInt32(out _)))
            throw Error(key, $"is {Show(value)}, but must be an integer or a list of integers.");
        return [.. items.Select(e => e.GetInt32())];
    }

    /// <summary>Keys and values in the order of the file.</summary>
    public IEnumerable<JsonProperty> Properties() => element.EnumerateObject();

    // A value from a stranger, cut so that an error message stays a message.
    private static string Show(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 60 ? text : text[..60] + "...";
    }

    private string ReadText(string key, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new ModelFormatException(path, $"{prefix}{key} is not valid Unicode.", error);
        }
    }
}
