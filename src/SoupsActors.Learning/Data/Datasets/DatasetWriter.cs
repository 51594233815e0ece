using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using SoupsActors.Models.Tokenization.Chat;

namespace SoupsActors.Learning.Data.Datasets;

/// <summary>
/// Writes rows in Hugging Face's shapes, one JSON object a line: as texts, or as lists of messages where a conversation
/// came before.
/// </summary>
public static class DatasetWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes prompt, chosen, rejected and, where known, margin, preference and source.</summary>
    public static void Write(IBufferWriter<byte> output, Comparison comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        WriteLine(output, json =>
        {
            Prompt(json, comparison.Prompt, comparison.Earlier);
            Answer(json, "chosen", comparison.Chosen, comparison.Earlier);
            Answer(json, "rejected", comparison.Rejected, comparison.Earlier);

            // JSON has no other numbers, and one comparison must not end an export.
            if (comparison.Margin is { } margin && double.IsFinite(margin))
                json.WriteNumber("margin", margin);
            About(json, comparison.Preference, comparison.Source);
        });
    }

    /// <summary>Writes prompt, completion, label and, where known, preference and source.</summary>
    public static void Write(IBufferWriter<byte> output, LabelledAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        WriteLine(output, json =>
        {
            Prompt(json, answer.Prompt, answer.Earlier);
            Answer(json, "completion", answer.Completion, answer.Earlier);
            json.WriteBoolean("label", answer.Label);
            About(json, answer.Preference, answer.Source);
        });
    }

    /// <summary>
    /// Writes prompt, completion, start and length in UTF-16 code units, the part's text as segment, label and, where
    /// known, value, preference and source.
    /// </summary>
    public static void Write(IBufferWriter<byte> output, LabelledSegment segment)
    {
        ArgumentNullException.ThrowIfNull(segment);
        WriteLine(output, json =>
        {
            Prompt(json, segment.Prompt, segment.Earlier);
            Answer(json, "completion", segment.Completion, segment.Earlier);
            json.WriteNumber("start", segment.Start);
            json.WriteNumber("length", segment.Length);
            json.WriteString("segment", segment.Text);
            json.WriteString("label", segment.Label);
            if (segment.Value is { } value && double.IsFinite(value))
                json.WriteNumber("value", value);
            About(json, segment.Preference, segment.Source);
        });
    }

    private static void WriteLine(IBufferWriter<byte> output, Action<Utf8JsonWriter> fields)
    {
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    private static void Prompt(Utf8JsonWriter json, string prompt, IReadOnlyList<ChatTurn> earlier)
    {
        if (earlier.Count == 0)
            json.WriteString("prompt", prompt);
        else
            Messages(json, "prompt", [.. earlier, new ChatTurn("user", prompt)]);
    }

    private static void Answer(Utf8JsonWriter json, string name, string text, IReadOnlyList<ChatTurn> earlier)
    {
        if (earlier.Count == 0)
            json.WriteString(name, text);
        else
            Messages(json, name, [new ChatTurn("assistant", text)]);
    }

    private static void Messages(Utf8JsonWriter json, string name, IEnumerable<ChatTurn> messages)
    {
        json.WriteStartArray(name);
        foreach (var message in messages)
        {
            json.WriteStartObject();
            json.WriteString("role", message.Role);
            json.WriteString("content", message.Content);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void About(Utf8JsonWriter json, string? preference, string? source)
    {
        if (preference is not null)
            json.WriteString("preference", preference);
        if (source is not null)
            json.WriteString("source", source);
    }
}
