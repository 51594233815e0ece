using SoupsActors.Cluster;

namespace SoupsActors.Silo.Statistics;

/// <summary>This silo's last hour in spans of ten seconds; spans in which nothing happened are left out.</summary>
internal sealed class ServingHistory(TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly Queue<SiloBucket> full = new(SiloBucket.Kept);
    private volatile FillingBucket filling = new(0);

    /// <summary>The span that fills now.</summary>
    public FillingBucket Now
    {
        get
        {
            var start = clock.GetUtcNow().ToUnixTimeSeconds() / SiloBucket.Seconds * SiloBucket.Seconds;
            var bucket = filling;
            return bucket.Start >= start ? bucket : Next(start);
        }
    }

    /// <summary>All spans from one on, oldest first, with the one that fills.</summary>
    public SiloBucket[] Since(long start)
    {
        var now = Now;
        lock (gate)
            return [.. full.Where(bucket => bucket.Start >= start), now.Read()];
    }

    private FillingBucket Next(long start)
    {
        lock (gate)
        {
            if (filling.Start >= start)
                return filling;
            if (filling.Start > 0)
                full.Enqueue(filling.Read());
            while (full.Count > 0 && full.Peek().Start <= start - SiloBucket.Kept * SiloBucket.Seconds)
                full.Dequeue();
            return filling = new FillingBucket(start);
        }
    }
}
