using System.Text.Json;

namespace SoupsActors.Models.Files;

/// <summary>Reads JSON files of a model folder: an object, of bounded size and depth, without duplicate keys.</summary>
internal static class JsonFile
{
    private const long MaxBytes = 100_000_000;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    public static JsonDocument Read(string path)
    {
        var info = new FileInfo(path);
        if (info.Length > MaxBytes)
        {
            throw new ModelFormatException(
                path, $"has {info.Length} bytes, more than the {MaxBytes} allowed for JSON.");
        }

        return Parse(path, File.ReadAllBytes(path));
    }

    /// <summary>Parses the content of a file.</summary>
    /// <param name="path">What errors name.</param>
    /// <param name="content">UTF-8.</param>
    public static JsonDocument Parse(string path, ReadOnlyMemory<byte> content)
    {
        try
        {
            var document = JsonDocument.Parse(content, Strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
            document.Dispose();
            throw new ModelFormatException(path, "is not a JSON object.");
        }
        catch (JsonException error)
        {
            throw new ModelFormatException(path, $"is not valid JSON ({error.Message}); fetch it again.", error);
        }
    }
}
