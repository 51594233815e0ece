using System.IO.Compression;
using System.Text.Json;
using SoupsActors.Client;
using SoupsActors.Feedback;
using SoupsActors.Learning.Data.Datasets;

namespace SoupsActors.Cli.Feedback;

/// <summary>How far an import has come.</summary>
internal readonly record struct FeedbackImportProgress(double Share, long Entries, long Sent);

/// <summary>What became of a file.</summary>
/// <param name="File">Its name.</param>
/// <param name="Entries">Entries seen.</param>
/// <param name="Events">Events they made.</param>
/// <param name="Accepted">Events stored now.</param>
/// <param name="Duplicates">Events that were stored before.</param>
/// <param name="Bad">Entries or events that could not be used.</param>
/// <param name="Problems">The first of them.</param>
/// <param name="Skipped">Parts of good entries left out on purpose, by reason.</param>
internal sealed record FeedbackImportResult(
    string File,
    long Entries,
    long Events,
    long Accepted,
    long Duplicates,
    long Bad,
    IReadOnlyList<DatasetProblem> Problems,
    IReadOnlyDictionary<string, long> Skipped)
{
    /// <summary>Events that are, or in a trial run would be, stored.</summary>
    public long Usable => Events - Refused;

    /// <summary>Events that the silo refused.</summary>
    public long Refused { get; init; }
}

/// <summary>
/// Reads a data set, or an export of this program, and sends it as feedback. Operation ids follow from the content, so
/// that an import that was stopped can simply be started again.
/// </summary>
/// <param name="client">Where to send events; null reads only.</param>
/// <param name="user">Whose opinion rows are that name nobody.</param>
/// <param name="options">How to read rows.</param>
internal sealed class FeedbackImport(SoupsClient? client, string user, DatasetOptions options)
{
    private const int BatchSize = 500;

    public async Task<FeedbackImportResult> RunAsync(
        FileInfo file, IProgress<FeedbackImportProgress> progress, CancellationToken cancellationToken)
    {
        await using var source = file.OpenRead();
        await using var stream = file.Extension == ".gz"
            ? new GZipStream(source, CompressionMode.Decompress)
            : (Stream)source;
        var report = new DatasetReport();
        var batch = new List<(long Line, FeedbackEvent Event)>();
        var tally = new Tally();
        await foreach (var (line, entry) in DatasetReader.ReadEntriesAsync(stream, options, report, cancellationToken))
        {
            using (entry)
                batch.AddRange(EventsOf(entry.RootElement, line, report).Select(e => (line, e)));
            if (batch.Count >= BatchSize)
            {
                await SendAsync(batch, tally, report, cancellationToken);
                progress.Report(new(source.Length == 0 ? 1 : (double)source.Position / source.Length, report.Entries, tally.Events));
            }
        }

        await SendAsync(batch, tally, report, cancellationToken);
        progress.Report(new(1, report.Entries, tally.Events));
        return new FeedbackImportResult(
            file.Name, report.Entries, tally.Events, tally.Accepted, tally.Duplicates, report.Bad, report.Problems,
            report.Skipped)
        {
            Refused = tally.Refused,
        };
    }

    private IEnumerable<FeedbackEvent> EventsOf(JsonElement entry, long line, DatasetReport report)
    {
        var isEvent = entry.TryGetProperty("kind", out _);
        if (!isEvent && !entry.TryGetProperty("event", out _))
            return DatasetReader.Parse(entry, line, options, report).SelectMany(row => DatasetEvents.Of(row, user));
        try
        {
            return isEvent
                ? [Named(entry.Deserialize<FeedbackEvent>(FeedbackJson.Options)!)]
                : [DatasetEvents.WithTexts(entry.Deserialize<StoredFeedback>(FeedbackJson.Options)!)];
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or InvalidOperationException)
        {
            report.AddProblem(line, "is no feedback event: " + error.Message);
            return [];
        }
    }

    private FeedbackEvent Named(FeedbackEvent feedback)
    {
        var owned = feedback.User.Length > 0 ? feedback : feedback with { User = user };
        return owned.OperationId.Length > 0 ? owned : DatasetEvents.WithOperationId(owned);
    }

    private async Task SendAsync(
        List<(long Line, FeedbackEvent Event)> batch, Tally tally, DatasetReport report, CancellationToken cancellationToken)
    {
        tally.Events += batch.Count;
        if (client is not null && batch.Count > 0)
        {
            var results = await client.SendFeedbackAsync([.. batch.Select(b => b.Event)], cancellationToken);
            foreach (var ((line, _), result) in batch.Zip(results))
            {
                tally.Count(result.Status);
                if (result.Error is { } error)
                    report.AddProblem(line, $"was refused: {error.Message}");
            }
        }

        batch.Clear();
    }

    private sealed class Tally
    {
        public long Events { get; set; }

        public long Accepted { get; private set; }

        public long Duplicates { get; private set; }

        public long Refused { get; private set; }

        public void Count(FeedbackStatus status)
        {
            switch (status)
            {
                case FeedbackStatus.Accepted:
                    Accepted++;
                    break;
                case FeedbackStatus.Duplicate:
                    Duplicates++;
                    break;
                default:
                    Refused++;
                    break;
            }
        }
    }
}
