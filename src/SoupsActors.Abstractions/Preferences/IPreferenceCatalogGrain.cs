using Orleans.Concurrency;

namespace SoupsActors.Preferences;

/// <summary>The preferences there are to choose from. One catalogue, under <see cref="Key"/>.</summary>
public interface IPreferenceCatalogGrain : IGrainWithStringKey
{
    /// <summary>The key of the only catalogue.</summary>
    const string Key = "default";

    /// <summary>All preferences, sorted by id.</summary>
    [AlwaysInterleave]
    Task<Preference[]> List();

    /// <summary>Makes these the catalogue. The same list again is no write.</summary>
    Task Replace(Preference[] preferences, string operationId);
}
