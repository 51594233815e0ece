using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Unicode;

namespace SoupsActors.Learning.Data.Datasets;

/// <summary>
/// Reads preference data sets as JSON Lines, or as one JSON list, entry by entry. What cannot be used is counted in a
/// <see cref="DatasetReport"/> with its line and reason.
/// </summary>
public static class DatasetReader
{
    private const int BufferSize = 1 << 16;

    // Conversation trees nest two levels a message.
    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 256 };

    /// <summary>The rows of a file.</summary>
    public static async IAsyncEnumerable<DatasetRow> ReadAsync(
        Stream stream,
        DatasetOptions options,
        DatasetReport report,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var (line, document) in ReadEntriesAsync(stream, options, report, cancellationToken))
        {
            using (document)
            {
                foreach (var row in Parse(document.RootElement, line, options, report))
                    yield return row;
            }
        }
    }

    /// <summary>The entries of a file that are JSON objects, each with its line; whoever gets one disposes it.</summary>
    public static async IAsyncEnumerable<(long Line, JsonDocument Entry)> ReadEntriesAsync(
        Stream stream,
        DatasetOptions options,
        DatasetReport report,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(report);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxEntryBytes, 1024);
        var splitter = new JsonEntries(options.MaxEntryBytes);
        var entries = new List<JsonEntry>();
        var buffer = new byte[BufferSize];
        for (var read = 1; read > 0;)
        {
            read = await stream.ReadAsync(buffer, cancellationToken);
            if (read > 0)
                splitter.Feed(buffer.AsSpan(0, read), entries);
            else
                splitter.Finish(entries);
            foreach (var entry in entries)
            {
                report.AddEntry();
                if (Open(entry, report) is { } document)
                    yield return (entry.Line, document);
            }

            entries.Clear();
        }
    }

    /// <summary>The rows of one entry; none where it is bad, and then the report says why.</summary>
    public static IReadOnlyList<DatasetRow> Parse(
        JsonElement entry, long line, DatasetOptions options, DatasetReport report)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(report);
        try
        {
            var format = options.Format == DatasetFormat.Auto ? Detect(entry) : options.Format;
            DatasetRow[] rows =
            [
                .. (format switch
                {
                    DatasetFormat.UltraFeedback => UltraFeedbackEntry.Parse(entry, options, report),
                    DatasetFormat.OpenAssistant => OpenAssistantTree.Parse(entry, report),
                    DatasetFormat.HhRlhf => HhTranscript.Parse(entry),
                    DatasetFormat.PersonalizedSoups => PersonalizedSoupsEntry.Parse(entry),
                    _ => HuggingFaceEntry.Parse(entry),
                }).Select(row => row with { Line = line, Preference = PreferenceOf(entry, options) }),
            ];
            foreach (var _ in rows)
                report.AddRow();
            return rows;
        }
        catch (DatasetEntryException error)
        {
            report.AddProblem(line, error.Message);
            return [];
        }
    }

    private static JsonDocument? Open(JsonEntry entry, DatasetReport report)
    {
        if (entry.Problem is not null)
        {
            report.AddProblem(entry.Line, entry.Problem);
            return null;
        }

        if (!Utf8.IsValid(entry.Utf8))
        {
            report.AddProblem(entry.Line, "is not valid UTF-8");
            return null;
        }

        try
        {
            var document = JsonDocument.Parse(entry.Utf8, Json);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
            document.Dispose();
            report.AddProblem(entry.Line, "is no JSON object { ... }");
        }
        catch (JsonException error)
        {
            var column = error.BytePositionInLine.GetValueOrDefault() + 1;
            report.AddProblem(entry.Line + error.LineNumber.GetValueOrDefault(), $"is not valid JSON at byte {column}");
        }

        return null;
    }

    private static DatasetFormat Detect(JsonElement entry)
    {
        if (entry.TryGetProperty("completions", out _) && entry.TryGetProperty("instruction", out _))
            return DatasetFormat.UltraFeedback;
        if (entry.TryGetProperty("prompt", out var prompt) && prompt.ValueKind == JsonValueKind.Object)
            return DatasetFormat.OpenAssistant;
        if (entry.TryGetProperty("user_input", out _))
            return DatasetFormat.PersonalizedSoups;
        var isTranscript = prompt.ValueKind == JsonValueKind.Undefined
            && entry.TryGetProperty("chosen", out var chosen) && chosen.ValueKind == JsonValueKind.String;
        return isTranscript ? DatasetFormat.HhRlhf : DatasetFormat.HuggingFace;
    }

    private static string? PreferenceOf(JsonElement entry, DatasetOptions options)
    {
        if (entry.OptionalText("preference") is { } named)
            return named;
        if (options.Preference is null && entry.OptionalText("ground_truth_persona") is { } persona)
        {
            return options.PreferenceBySentence.TryGetValue(persona, out var known)
                ? known
                : throw new DatasetEntryException($"asks for an unknown preference: '{persona}'");
        }

        return options.Preference;
    }
}
