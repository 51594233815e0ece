using SoupsActors.Cluster;

namespace SoupsActors.Dashboard.Data;

/// <summary>How the silos are run.</summary>
/// <param name="Silos">All of them.</param>
/// <param name="Details">What each has told, by its id; silos asked for the first time tell a moment later.</param>
public sealed record OperationsReading(
    IReadOnlyList<SiloSummary> Silos, IReadOnlyDictionary<string, SiloDetails> Details);

/// <summary>How the silos are run, every two seconds, while somebody looks.</summary>
public sealed class OperationsFeed(IGrainFactory grains, TimeProvider clock)
    : LiveSource<OperationsReading>(TimeSpan.FromSeconds(2), clock)
{
    /// <inheritdoc/>
    protected override async Task<OperationsReading> ReadAsync(CancellationToken cancellationToken)
    {
        var cluster = grains.GetGrain<IClusterGrain>(IClusterGrain.Key);
        var details = await cluster.Operations();
        var report = await cluster.Describe();
        return new OperationsReading(report.Silos, details.ToDictionary(d => d.Silo, StringComparer.Ordinal));
    }
}
