using Orleans.Core;
using Orleans.Storage;
using SoupsActors.Actors;

namespace Orleans;

/// <summary>
/// A grain with one persistent state, read before activation, in the storage that <c>[StorageProvider]</c> names.
/// </summary>
/// <typeparam name="TGrainState">The state: a class or record with a parameterless constructor.</typeparam>
public class Grain<TGrainState> : Grain
{
    private readonly IStorage<TGrainState> storage;

    /// <summary>Used by the host.</summary>
    /// <exception cref="BadProviderConfigException">The storage is not registered.</exception>
    protected Grain()
    {
        var context = GrainContext as Activation
            ?? throw new InvalidOperationException($"{GetType().Name} was constructed outside of a grain host.");
        storage = new PersistentState<TGrainState>(
            GetType().FullName!, context, GrainStorageHelpers.GetGrainStorage(GetType(), context.Host.ServiceProvider));
    }

    /// <summary>For tests, which bring their own storage.</summary>
    protected Grain(IStorage<TGrainState> storage) => this.storage = storage;

    /// <summary>The state in memory.</summary>
    protected TGrainState State
    {
        get => storage.State;
        set => storage.State = value;
    }

    /// <summary>Removes the stored state.</summary>
    protected virtual Task ClearStateAsync() => storage.ClearStateAsync();

    /// <summary>Stores the state.</summary>
    protected virtual Task WriteStateAsync() => storage.WriteStateAsync();

    /// <summary>Reads the stored state again.</summary>
    protected virtual Task ReadStateAsync() => storage.ReadStateAsync();
}
