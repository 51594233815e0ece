using System.Buffers;
using System.Globalization;
using System.Text.Json;
using SoupsActors.Feedback;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Data.Datasets;
using SoupsActors.Silo.Http;

namespace SoupsActors.Silo.Api.Feedback;

/// <summary>What an export holds.</summary>
/// <param name="Format"><c>events</c>, <c>pairs</c>, <c>labels</c> or <c>segments</c>.</param>
/// <param name="Filter">Which events.</param>
/// <param name="After">Only events with a higher position.</param>
internal sealed record FeedbackExportRequest(string Format, FeedbackFilter Filter, long After)
{
    private static readonly string[] Known = ["format", "user", "preference", "kind", "after"];

    /// <exception cref="ApiException">A parameter is unknown or wrong.</exception>
    public static FeedbackExportRequest Parse(IQueryCollection query)
    {
        if (query.Keys.FirstOrDefault(key => !Known.Contains(key)) is { } unknown)
            throw Wrong(unknown, $"There is no parameter `{unknown}`. There are {string.Join(", ", Known)}.");
        var format = Value("format") ?? "events";
        if (format is not ("events" or "pairs" or "labels" or "segments"))
            throw Wrong("format", "`format` is events, pairs, labels or segments.");
        var filter = new FeedbackFilter { User = Value("user"), Preference = Value("preference"), Kind = Value("kind") };
        if (filter.Kind is not null && !FeedbackKinds.All.Contains(filter.Kind))
            throw Wrong("kind", $"`kind` is one of {string.Join(", ", FeedbackKinds.All)}.");
        if (format != "events" && filter is not { User: null, Kind: null })
            throw Wrong("format", "`user` and `kind` choose events. Leave them out, or set `format` to events.");
        var after = 0L;
        if (Value("after") is { } text
            && !(long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out after) && after >= 0))
        {
            throw Wrong("after", "`after` is a position: a whole number of at least 0.");
        }

        return new FeedbackExportRequest(format, filter, after);

        string? Value(string name) => query[name].ToString() is { Length: > 0 } value ? value : null;
    }

    private static ApiException Wrong(string param, string message) =>
        ApiException.BadRequest(message, "invalid_parameter", param);
}

/// <summary>Writes feedback as JSON Lines: the events as they are stored, or what they teach in Hugging Face's shapes.</summary>
internal sealed class FeedbackExport(IGrainFactory grains, IComparisonSource comparisons)
{
    private const int LinesPerFlush = 64;

    public async Task WriteAsync(FeedbackExportRequest request, HttpContext context)
    {
        context.Response.ContentType = "application/jsonl; charset=utf-8";
        var output = context.Response.BodyWriter;
        var lines = 0;
        await foreach (var write in LinesAsync(request, context.RequestAborted))
        {
            write(output);
            if (++lines % LinesPerFlush == 0)
                await output.FlushAsync(context.RequestAborted);
        }

        await output.FlushAsync(context.RequestAborted);
    }

    private async IAsyncEnumerable<Action<IBufferWriter<byte>>> LinesAsync(
        FeedbackExportRequest request,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var log = grains.GetGrain<IFeedbackLogGrain>(0);
        if (request.Format == "events")
        {
            await foreach (var stored in log.Read(request.Filter, request.After, cancellationToken)
                .WithCancellation(cancellationToken))
            {
                yield return output => WriteEvent(output, stored);
            }

            yield break;
        }

        string?[] preferences = request.Filter.Preference is { } one
            ? [one]
            : [.. (await log.Count(request.After)).Select(c => c.Preference).Distinct(StringComparer.Ordinal)];
        foreach (var preference in preferences)
        {
            if (request.Format == "pairs")
            {
                await foreach (var row in comparisons.ReadAsync(preference, request.After, cancellationToken: cancellationToken))
                    yield return output => DatasetWriter.Write(output, row.Comparison);
            }
            else if (request.Format == "segments")
            {
                await foreach (var row in comparisons.ReadSegmentsAsync(
                    preference, request.After, cancellationToken: cancellationToken))
                {
                    yield return output => DatasetWriter.Write(output, row.Segment);
                }
            }
            else
            {
                await foreach (var row in comparisons.ReadLabelsAsync(
                    preference, request.After, cancellationToken: cancellationToken))
                {
                    yield return output => DatasetWriter.Write(output, row.Answer);
                }
            }
        }
    }

    private static void WriteEvent(IBufferWriter<byte> output, StoredFeedback stored)
    {
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = FeedbackJson.Options.Encoder }))
            JsonSerializer.Serialize(json, stored, FeedbackJson.Options);
        output.Write("\n"u8);
    }
}
