using SoupsActors.Cluster;
using SoupsActors.Preferences;
using SoupsActors.Trainings;

namespace SoupsActors.Dashboard.Data;

/// <summary>What the overview shows.</summary>
/// <param name="Cluster">Silos and figures.</param>
/// <param name="Trainings">Trainings that have not ended.</param>
public sealed record OverviewReading(ClusterReport Cluster, IReadOnlyList<TrainingStatus> Trainings);

/// <summary>The cluster every two seconds, while somebody looks.</summary>
public sealed class OverviewFeed(IGrainFactory grains, TimeProvider clock)
    : LiveSource<OverviewReading>(TimeSpan.FromSeconds(2), clock)
{
    /// <inheritdoc/>
    protected override async Task<OverviewReading> ReadAsync(CancellationToken cancellationToken)
    {
        var cluster = grains.GetGrain<IClusterGrain>(IClusterGrain.Key).Describe();
        var preferences = await grains.GetGrain<IPreferenceCatalogGrain>(IPreferenceCatalogGrain.Key).List();
        var trainings = await Task.WhenAll(
            preferences.Select(preference => grains.GetGrain<ITrainerGrain>(preference.Id).Describe()));
        return new OverviewReading(
            await cluster, [.. trainings.OfType<TrainingStatus>().Where(t => t.Activity != TrainingActivity.Ended)]);
    }
}
