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
            throw new ModelFormatException(path, $"has {info.Length} bytes, more than the {MaxBytes} allowed for JSON.");
        try
        {
            var document = JsonDocument.Parse(File.ReadAllBytes(path), Strict);
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
