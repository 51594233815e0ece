using System.Runtime.CompilerServices;
using SoupsActors.Feedback;
using SoupsActors.Learning.Data;

namespace SoupsActors.Grains.Feedback;

/// <summary>The feedback log as training data.</summary>
internal sealed class FeedbackComparisonSource(IFeedbackStore store) : IComparisonSource
{
    private const int PageSize = 256;

    public Task<ComparisonCount> CountAsync(
        string? preference, long after = 0, CancellationToken cancellationToken = default) =>
        store.ComparisonsAsync(preference, after).WaitAsync(cancellationToken);

    public async IAsyncEnumerable<PlacedComparison> ReadAsync(
        string? preference,
        long after = 0,
        long through = long.MaxValue,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var (stored, earlier) in EventsAsync(preference, after, through, cancellationToken))
        {
            foreach (var comparison in FeedbackComparisons.Of(stored, earlier))
                yield return new PlacedComparison(stored.Position, comparison);
        }
    }

    public async IAsyncEnumerable<PlacedLabel> ReadLabelsAsync(
        string? preference,
        long after = 0,
        long through = long.MaxValue,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var (stored, _) in EventsAsync(preference, after, through, cancellationToken))
        {
            if (FeedbackComparisons.LabelOf(stored) is { } label)
                yield return new PlacedLabel(stored.Position, label);
        }
    }

    public async IAsyncEnumerable<PlacedSegment> ReadSegmentsAsync(
        string? preference,
        long after = 0,
        long through = long.MaxValue,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var (stored, _) in EventsAsync(preference, after, through, cancellationToken))
        {
            if (FeedbackComparisons.SegmentOf(stored) is { } segment)
                yield return new PlacedSegment(stored.Position, segment);
        }
    }

    private async IAsyncEnumerable<(StoredFeedback Event, List<StoredFeedback> Earlier)> EventsAsync(
        string? preference, long after, long through, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var page = await store.TeachingAsync(preference, after, through, PageSize);
            foreach (var stored in page)
                yield return stored;
            if (page.Count < PageSize)
                yield break;
            after = page[^1].Event.Position;
        }
    }
}
