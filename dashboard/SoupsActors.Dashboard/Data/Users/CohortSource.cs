using SoupsActors.Dashboard.Data.Mixes;
using SoupsActors.Preferences;
using SoupsActors.Users;

namespace SoupsActors.Dashboard.Data.Users;

/// <summary>What all users want.</summary>
/// <param name="Census">The counts.</param>
/// <param name="Dimensions">The catalogue.</param>
public sealed record Cohorts(MixCensus Census, IReadOnlyList<MixDimension> Dimensions);

/// <summary>Reads the counts while somebody looks.</summary>
public sealed class CohortSource(IGrainFactory grains, TimeProvider clock)
    : LiveSource<Cohorts>(TimeSpan.FromMinutes(1), clock)
{
    /// <inheritdoc/>
    protected override async Task<Cohorts> ReadAsync(CancellationToken cancellationToken)
    {
        var preferences = grains.GetGrain<IPreferenceCatalogGrain>(IPreferenceCatalogGrain.Key).List();
        var census = await grains.GetGrain<IUserDirectoryGrain>(0).Census();
        return new Cohorts(census, MixDimension.Of(await preferences));
    }
}
