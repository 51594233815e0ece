using Orleans.Runtime;
using SoupsActors.Grains.Placement;
using SoupsActors.Grains.State;
using SoupsActors.Preferences;

namespace SoupsActors.Grains.Preferences;

/// <summary>The catalogue as it is stored.</summary>
[GenerateSerializer, Immutable]
internal sealed record CatalogState
{
    [Id(0)]
    public Preference[] Preferences { get; init; } = [];

    [Id(1)]
    public AppliedOperation[] Operations { get; init; } = [];
}

/// <inheritdoc cref="IPreferenceCatalogGrain"/>
[RolePlacement(SiloRoles.Gateway, required: false)]
internal sealed class PreferenceCatalogGrain(
    [PersistentState("catalog", GrainStorageNames.Soups)] IPersistentState<CatalogState> storage)
    : Grain, IPreferenceCatalogGrain
{
    private readonly DurableState<CatalogState> state = new(storage);

    public Task<Preference[]> List() => Task.FromResult(state.Value.Preferences);

    public Task Replace(Preference[] preferences, string operationId)
    {
        ArgumentNullException.ThrowIfNull(preferences);
        Preference[] sorted = [.. preferences.OrderBy(p => p.Id, StringComparer.Ordinal)];
        for (var i = 0; i < sorted.Length; i++)
        {
            Identifiers.RequireExpert(sorted[i].ExpertId, "expert_id");
            if (i > 0 && sorted[i].Id == sorted[i - 1].Id)
            {
                throw SoupsException.Invalid(
                    $"Preference '{sorted[i].Id}' is listed twice.", "duplicate_preference", "preferences");
            }
        }

        var operation = new AppliedOperation(
            Identifiers.RequireOperation(operationId), AppliedOperation.FingerprintOf("replace", sorted));
        return state.UpdateAsync(current =>
            current.Operations.Holds(operation) || current.Preferences.SequenceEqual(sorted)
                ? null
                : new CatalogState { Preferences = sorted, Operations = current.Operations.With(operation) });
    }
}
