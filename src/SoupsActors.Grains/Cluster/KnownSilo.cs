using SoupsActors.Cluster;

namespace SoupsActors.Grains.Cluster;

/// <summary>A silo's last hour.</summary>
internal sealed class KnownSilo(SiloIdentity identity)
{
    private readonly SortedDictionary<long, SiloBucket> buckets = [];

    public SiloIdentity Identity { get; } = identity;

    public SiloState State { get; private set; } = new();

    public DateTimeOffset HeardAt { get; private set; }

    public SiloDetails? Details { get; private set; }

    public ISiloReporter? Reporter { get; private set; }

    public IReadOnlyDictionary<long, SiloBucket> Buckets => buckets;

    public void Hear(SiloReport report, ISiloReporter reporter, DateTimeOffset now)
    {
        (State, Reporter, HeardAt) = (report.State, reporter, now);
        Details = report.Details ?? Details;
        foreach (var bucket in report.Buckets)
            buckets[bucket.Start] = bucket;
        Forget(now);
    }

    /// <summary>Drops what is older than an hour.</summary>
    public void Forget(DateTimeOffset now)
    {
        var oldest = now.ToUnixTimeSeconds() - SiloBucket.Kept * SiloBucket.Seconds;
        while (buckets.Count > 0 && (buckets.First().Key <= oldest || buckets.Count > SiloBucket.Kept + 1))
            buckets.Remove(buckets.First().Key);
    }
}
