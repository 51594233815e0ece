using System.Text.Json;
using System.Text.Json.Serialization;

namespace SoupsActors.Silo.Api.OpenAi;

/// <summary>
/// The fields that chat and plain completions share. Fields that are not listed are ignored, as OpenAI does.
/// </summary>
internal abstract record GenerationFields
{
    /// <summary>`soup` (the user's own mix), `base`, or an expert's id.</summary>
    public string? Model { get; init; }

    /// <summary>Whose profile applies; none for a guest.</summary>
    public string? User { get; init; }

    /// <summary>Extension: what this request changes of the profile.</summary>
    public SoupFields? Soup { get; init; }

    /// <summary>Server-sent events instead of one body.</summary>
    public bool? Stream { get; init; }

    /// <summary>Whether the stream ends with the token counts.</summary>
    public StreamOptions? StreamOptions { get; init; }

    /// <summary>Most tokens of the answer.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>0 (greedy) to 2.</summary>
    public double? Temperature { get; init; }

    /// <summary>Above 0, at most 1.</summary>
    public double? TopP { get; init; }

    /// <summary>Number of answers, 1 to 4.</summary>
    public int? N { get; init; }

    /// <summary>One text or up to four that end the answer.</summary>
    [JsonConverter(typeof(TextOrTextsConverter))]
    public string[]? Stop { get; init; }

    /// <summary>The same seed and request give the same answer.</summary>
    public long? Seed { get; init; }

    /// <summary>Token id to a number from -100 to 100.</summary>
    public Dictionary<string, float>? LogitBias { get; init; }

    /// <summary>Not supported other than 0; `soup.repetition_penalty` is.</summary>
    public double? PresencePenalty { get; init; }

    /// <summary>Not supported other than 0; `soup.repetition_penalty` is.</summary>
    public double? FrequencyPenalty { get; init; }
}

/// <summary>What a request changes of the profile; fields that are not listed are refused.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record SoupFields
{
    /// <summary>Weights by preference id or expert id; replaces the profile's mix.</summary>
    public Dictionary<string, double>? Mix { get; init; }

    /// <summary>`product` or `factor`.</summary>
    public string? Merge { get; init; }

    /// <summary>Divides all weights by their sum.</summary>
    public bool? Normalize { get; init; }

    /// <summary>Whether the preferences' sentences go into the prompt.</summary>
    public bool? PromptTexts { get; init; }

    /// <summary>Continues the user's stored conversation and stores this exchange.</summary>
    public bool? History { get; init; }

    /// <summary>Only the k most likely tokens.</summary>
    public int? TopK { get; init; }

    /// <summary>Only tokens at least this fraction as likely as the most likely one.</summary>
    public double? MinP { get; init; }

    /// <summary>Makes tokens seen so far less likely; 1 is off.</summary>
    public double? RepetitionPenalty { get; init; }

    /// <summary>No n-gram of this length occurs twice; 0 is off.</summary>
    public int? NoRepeatNgram { get; init; }
}

/// <summary>Options of a stream.</summary>
internal sealed record StreamOptions
{
    /// <summary>A last chunk with the token counts.</summary>
    public bool? IncludeUsage { get; init; }
}

/// <summary>A text, or a list of texts.</summary>
internal sealed class TextOrTextsConverter : JsonConverter<string[]>
{
    public override string[]? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return [reader.GetString()!];
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException();
        var texts = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            texts.Add(reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException());
        return [.. texts];
    }

    public override void Write(Utf8JsonWriter writer, string[] value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var text in value)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
