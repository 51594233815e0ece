using SoupsActors.Feedback;

namespace SoupsActors.Dashboard.Data.Feed;

/// <summary>
/// Follows the log of feedback while somebody watches: reads what is new, keeps the newest events in short form, and
/// begins anew where a user was forgotten.
/// </summary>
public sealed class FeedbackFeed(IGrainFactory grains, TimeProvider clock)
    : LiveSource<FeedbackView>(TimeSpan.FromSeconds(2), clock)
{
    /// <summary>Most events that are kept.</summary>
    public const int Most = 1000;

    private readonly TimeProvider clock = clock;
    private readonly SemaphoreSlim turn = new(1);
    private List<FeedbackLine> lines = [];
    private long seen;
    private long expected;
    private FeedbackView? last;

    /// <summary>One event in full, or null where it is gone.</summary>
    public async Task<StoredFeedback?> FindAsync(long position, CancellationToken cancellationToken = default)
    {
        await foreach (var stored in Log.Read(new FeedbackFilter(), position - 1, cancellationToken)
            .WithCancellation(cancellationToken))
        {
            return stored.Position == position ? stored : null;
        }

        return null;
    }

    private IFeedbackLogGrain Log => grains.GetGrain<IFeedbackLogGrain>(0);

    /// <inheritdoc/>
    protected override async Task<FeedbackView> ReadAsync(CancellationToken cancellationToken)
    {
        // A refresh asked for by a page must not read beside the usual one.
        await turn.WaitAsync(cancellationToken);
        try
        {
            return last = await ReadNextAsync(cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<FeedbackView> ReadNextAsync(CancellationToken cancellationToken)
    {
        var counts = await Log.Count();
        var newest = counts.Select(c => c.Last).DefaultIfEmpty(0).Max();
        var total = counts.Sum(c => c.Events);
        var changed = last is null || newest != seen || total != expected;
        if (changed)
        {
            lines = [.. (await FreshAsync(newest, total, cancellationToken)).Take(Most)];
            (seen, expected) = (newest, total);
        }

        var now = clock.GetUtcNow();
        var day = lines.Count(l => l.At > now.AddDays(-1));
        return new FeedbackView
        {
            Lines = lines,
            Counts = counts,
            Minutes = Minutes(lines, now),
            LastDay = day,
            IsAtLeast = day == Most && total > Most,
            At = now,
            Agreement = changed ? RaterAgreement.Of(lines.Select(l => l.Vote).OfType<PairVote>()) : last!.Agreement,
        };
    }

    // What is new and the lines there were; where that is more than is kept, or somebody was forgotten, the newest.
    private async Task<IEnumerable<FeedbackLine>> FreshAsync(
        long newest, long total, CancellationToken cancellationToken)
    {
        if (last is not null && total - expected <= Most)
        {
            var fresh = await NewerAsync(seen, newest, cancellationToken);
            if (expected + fresh.Count == total)
                return fresh.Concat(lines);
        }

        return await NewestAsync(newest, total, cancellationToken);
    }

    // Positions have gaps where users were forgotten: the stretch is doubled until enough is found.
    private async Task<List<FeedbackLine>> NewestAsync(long newest, long total, CancellationToken cancellationToken)
    {
        for (long stretch = Most; ; stretch *= 2)
        {
            var found = await NewerAsync(Math.Max(0, newest - stretch), newest, cancellationToken);
            if (found.Count >= Math.Min(Most, total) || stretch >= newest)
                return found;
        }
    }

    // Newest first.
    private async Task<List<FeedbackLine>> NewerAsync(long after, long through, CancellationToken cancellationToken)
    {
        var found = new List<FeedbackLine>();
        await foreach (var stored in Log.Read(new FeedbackFilter(), after, cancellationToken)
            .WithCancellation(cancellationToken))
        {
            if (stored.Position > through)
                break;
            found.Add(FeedbackLine.Of(stored));
        }

        found.Reverse();
        return found;
    }

    private static int[] Minutes(IEnumerable<FeedbackLine> lines, DateTimeOffset now)
    {
        var minutes = new int[60];
        foreach (var age in lines.Select(l => (now - l.At).TotalMinutes).TakeWhile(a => a < minutes.Length))
            minutes[minutes.Length - 1 - (int)Math.Max(0, age)]++;
        return minutes;
    }
}
