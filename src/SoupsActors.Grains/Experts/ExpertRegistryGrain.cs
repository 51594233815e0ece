using Orleans.Concurrency;
using Orleans.Runtime;
using SoupsActors.Experts;
using SoupsActors.Grains.Placement;
using SoupsActors.Grains.State;

namespace SoupsActors.Grains.Experts;

/// <summary>The ids of all experts, sorted.</summary>
[GenerateSerializer, Immutable]
internal sealed record RegistryState
{
    [Id(0)]
    public string[] Ids { get; init; } = [];
}

/// <inheritdoc cref="IExpertRegistryGrain"/>
/// <remarks>Reentrant, because experts call it from calls that it may be waiting for.</remarks>
[Reentrant]
[RolePlacement(SiloRoles.Gateway, required: false)]
internal sealed class ExpertRegistryGrain(
    [PersistentState("registry", GrainStorageNames.Soups)] IPersistentState<RegistryState> storage,
    IGrainFactory grains) : Grain, IExpertRegistryGrain
{
    private readonly DurableState<RegistryState> state = new(storage);

    public async Task<ExpertDescriptor[]> List()
    {
        var found = await Task.WhenAll(state.Value.Ids.Select(id => grains.GetGrain<IExpertGrain>(id).Describe()));
        return [.. found.OfType<ExpertDescriptor>()];
    }

    public Task Add(string expertId) => state.UpdateAsync(current => current.Ids.Contains(expertId)
        ? null
        : new RegistryState { Ids = [.. current.Ids.Append(expertId).Order(StringComparer.Ordinal)] });

    public Task Drop(string expertId) => state.UpdateAsync(current => current.Ids.Contains(expertId)
        ? new RegistryState { Ids = [.. current.Ids.Where(id => id != expertId)] }
        : null);
}
