using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using SoupsActors.Generation;

namespace SoupsActors.Feedback;

/// <summary>
/// Feedback as JSON: one form in requests, in exports and in storage. The field <c>kind</c> says which event it is;
/// names are in snake case, unknown ones refused.
/// </summary>
public static class FeedbackJson
{
    /// <summary>How to read and write it.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowOutOfOrderMetadataProperties = true,
        AllowDuplicateProperties = false,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 16,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };
}

/// <summary>A prompt: a conversation, or a text for one message of the user.</summary>
internal sealed class PromptConverter : JsonConverter<ChatMessage[]>
{
    public override ChatMessage[]? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
            ? [new ChatMessage("user", reader.GetString()!)]
            : JsonSerializer.Deserialize<ChatMessage[]>(ref reader, options);

    public override void Write(Utf8JsonWriter writer, ChatMessage[] value, JsonSerializerOptions options)
    {
        if (value is [{ Role: "user" } only])
            writer.WriteStringValue(only.Content);
        else
            JsonSerializer.Serialize(writer, value, options);
    }
}

/// <summary>An answer: a text, or an object that names an interaction.</summary>
internal sealed class AnswerConverter : JsonConverter<FeedbackAnswer>
{
    public override FeedbackAnswer? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return FeedbackAnswer.Of(reader.GetString()!);
        var fields = JsonSerializer.Deserialize<Fields>(ref reader, options);
        return fields is null ? null : new FeedbackAnswer(fields.Interaction, fields.Text);
    }

    public override void Write(Utf8JsonWriter writer, FeedbackAnswer value, JsonSerializerOptions options)
    {
        if (value is { Interaction: null, Text: { } text })
            writer.WriteStringValue(text);
        else
            JsonSerializer.Serialize(writer, new Fields { Interaction = value.Interaction, Text = value.Text }, options);
    }

    private sealed record Fields
    {
        public string? Interaction { get; init; }

        public string? Text { get; init; }
    }
}
