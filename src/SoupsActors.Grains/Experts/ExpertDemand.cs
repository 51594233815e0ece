using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SoupsActors.Experts;
using SoupsActors.Generation;
using SoupsActors.Grains.Generation;
using SoupsActors.Placement;

namespace SoupsActors.Grains.Experts;

/// <summary>
/// How much an expert is asked for, and on how many generators it is therefore held. A generator reads the weights
/// before it counts as one of the expert's homes, so that no request waits for the spreading.
/// </summary>
internal sealed partial class ExpertDemand(
    IGrainFactory grains,
    GeneratorDirectory generators,
    IOptions<PlacementOptions> options,
    TimeProvider clock,
    ILogger<ExpertDemand> logger)
{
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(30);

    private readonly RequestRate rate = new(Memory);
    private readonly long start = clock.GetTimestamp();
    private long? coldSince;
    private Task spreading = Task.CompletedTask;

    /// <summary>On how many generators the expert is to be held.</summary>
    public int Replicas { get; private set; } = 1;

    /// <summary>Counts a request, and spreads the expert where there are many.</summary>
    public void Count(ExpertLease lease)
    {
        rate.Add(Now);
        Review(lease);
    }

    /// <summary>Looks whether the expert has become hot or cold; call it now and then, for cold ones are not asked
    /// for.</summary>
    public void Review(ExpertLease lease)
    {
        var now = rate.At(Now);
        if (!ExpertReplication.IsCold(Replicas, now, options.Value))
            coldSince = null;
        else
            coldSince ??= clock.GetTimestamp();
        var coldFor = coldSince is { } since ? clock.GetElapsedTime(since) : TimeSpan.Zero;
        var mayChange = coldFor >= options.Value.CoolDown || now > options.Value.RequestsPerReplica * Replicas;
        if (mayChange && spreading.IsCompleted)
            spreading = ChangeAsync(lease, now, coldFor);
    }

    /// <summary>Ends when no change is under way; for tests.</summary>
    internal Task Settled => spreading;

    private double Now => clock.GetElapsedTime(start).TotalSeconds;

    private async Task ChangeAsync(ExpertLease lease, double now, TimeSpan coldFor)
    {
        try
        {
            var known = await generators.ListAsync();
            var wanted = ExpertReplication.Replicas(Replicas, now, coldFor, known.Count, options.Value);
            if (wanted > Replicas)
            {
                await Task.WhenAll(GeneratorSelection.Homes(known, lease.Hash, wanted).Skip(Replicas).Select(
                    home => grains.GetGrain<IGeneratorGrain>(home.Key).Hold(lease)));
            }

            if (wanted == Replicas)
                return;
            LogSpread(lease.ExpertId, Replicas, wanted, now);
            Replicas = wanted;
            coldSince = null;
        }
        catch (Exception error)
        {
            LogNotSpread(error, lease.ExpertId);
        }
    }

    [LoggerMessage(
        LogLevel.Information,
        "Expert {Expert} is held by {Wanted} generators instead of {Before}, at {Rate:0.0} requests a second.")]
    private partial void LogSpread(string expert, int before, int wanted, double rate);

    [LoggerMessage(LogLevel.Warning, "Expert {Expert} could not be spread; the next request tries again.")]
    private partial void LogNotSpread(Exception error, string expert);
}
