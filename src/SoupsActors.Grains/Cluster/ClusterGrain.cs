using Orleans.Concurrency;
using Orleans.Runtime;
using SoupsActors.Cluster;
using SoupsActors.Grains.Placement;

namespace SoupsActors.Grains.Cluster;

/// <inheritdoc cref="IClusterGrain"/>
[Reentrant]
[RolePlacement(SiloRoles.Gateway, required: false)]
internal sealed class ClusterGrain(TimeProvider clock) : Grain, IClusterGrain
{
    // A minute of whole spans; the one that fills is left out, for its rate would be too low.
    private const int RecentBuckets = 60 / SiloBucket.Seconds;
    private const int HistorySeconds = 3 * SiloBucket.Seconds;

    private static readonly TimeSpan Unwatched = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Attention = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Overdue = TimeSpan.FromSeconds(35);
    private static readonly TimeSpan Gone = TimeSpan.FromMinutes(15);

    private readonly Dictionary<string, KnownSilo> silos = new(StringComparer.Ordinal);
    private DateTimeOffset watchedUntil;
    private DateTimeOffset detailsUntil;

    public Task<ReportPlan> Report(SiloReport report, ISiloReporter reporter)
    {
        var now = clock.GetUtcNow();
        var isKnown = silos.TryGetValue(report.Identity.Id, out var silo);
        if (silo is null)
            silos.Add(report.Identity.Id, silo = new KnownSilo(report.Identity));
        silo.Hear(report, reporter, now);
        return Task.FromResult(new ReportPlan(
            now < watchedUntil ? Watched : Unwatched, Details: now < detailsUntil, History: !isKnown));
    }

    public async Task<ClusterReport> Describe()
    {
        var now = clock.GetUtcNow();
        Watch(ref watchedUntil, now);
        var grains = await GrainFactory.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics();
        var activations = grains.GroupBy(g => ClassName(g.GrainType), StringComparer.Ordinal)
            .ToDictionary(same => same.Key, same => same.Sum(g => g.ActivationCount), StringComparer.Ordinal);
        var known = Known(now);
        return new ClusterReport(
            now, [.. known.Select(silo => Summary(silo, now))], activations, Recent(known, now), History(known, now));
    }

    public Task<SiloDetails[]> Operations()
    {
        var now = clock.GetUtcNow();
        Watch(ref detailsUntil, now);
        watchedUntil = detailsUntil;
        return Task.FromResult<SiloDetails[]>([.. Known(now).Select(silo => silo.Details).OfType<SiloDetails>()]);
    }

    private static string ClassName(string type) => type.Split(',')[0].Split('.')[^1];

    private static SiloSummary Summary(KnownSilo silo, DateTimeOffset now) => new(
        silo.Identity, silo.State, silo.HeardAt, now - silo.HeardAt > Overdue, Recent([silo], now));

    private static ServingFigures Recent(IReadOnlyList<KnownSilo> known, DateTimeOffset now)
    {
        var end = Floor(now);
        var start = end - RecentBuckets * SiloBucket.Seconds;
        var sums = new ServingSums();
        foreach (var bucket in known.SelectMany(silo => silo.Buckets.Values))
        {
            if (bucket.Start >= start && bucket.Start < end)
                sums.Add(bucket);
        }

        return sums.Over(start, end - start);
    }

    private static ServingFigures[] History(IReadOnlyList<KnownSilo> known, DateTimeOffset now)
    {
        var end = now.ToUnixTimeSeconds() / HistorySeconds * HistorySeconds;
        var spans = new SortedDictionary<long, ServingSums>();
        foreach (var bucket in known.SelectMany(silo => silo.Buckets.Values).Where(b => b.Start < end))
        {
            var start = bucket.Start / HistorySeconds * HistorySeconds;
            if (!spans.TryGetValue(start, out var sums))
                spans.Add(start, sums = new ServingSums());
            sums.Add(bucket);
        }

        return [.. spans.Select(span => span.Value.Over(span.Key, HistorySeconds))];
    }

    private static long Floor(DateTimeOffset now) =>
        now.ToUnixTimeSeconds() / SiloBucket.Seconds * SiloBucket.Seconds;

    private KnownSilo[] Known(DateTimeOffset now)
    {
        foreach (var silo in silos.Values.ToArray())
        {
            silo.Forget(now);
            if (now - silo.HeardAt > Gone)
                silos.Remove(silo.Identity.Id);
        }

        return
        [
            .. silos.Values.OrderBy(s => s.Identity.Host, StringComparer.Ordinal).ThenBy(s => s.Identity.ProcessId)
                .ThenBy(s => s.Identity.StartedAt),
        ];
    }

    // Silos sleep while nobody looks; the first look wakes them.
    private void Watch(ref DateTimeOffset until, DateTimeOffset now)
    {
        var isFirst = now >= until;
        until = now + Attention;
        if (!isFirst)
            return;
        foreach (var silo in silos.Values)
            _ = silo.Reporter?.Wake();
    }
}
