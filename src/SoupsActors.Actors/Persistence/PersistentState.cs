using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace SoupsActors.Actors;

/// <summary>
/// A grain's stored state. As in a cluster, nothing orders storage operations that a grain starts while another is under
/// way: of two writes at once the storage refuses one.
/// </summary>
internal sealed class PersistentState<T> : IPersistentState<T>, ILifecycleObserver
{
    private readonly string name;
    private readonly GrainId grainId;
    private readonly IGrainStorage storage;
    private readonly GrainState<T> record = new();

    public PersistentState(string name, Activation activation, IGrainStorage storage)
    {
        this.name = name;
        this.storage = storage;
        grainId = activation.GrainId;
        activation.ObservableLifecycle.Subscribe(name, GrainLifecycleStage.SetupState, this);
    }

    public T State
    {
        get => record.State!;
        set => record.State = value;
    }

    public string? Etag => record.ETag;

    public bool RecordExists => record.RecordExists;

    /// <summary>Makes the state of a constructor parameter.</summary>
    public static Func<Activation, object?> FactoryFor(PersistentStateAttribute attribute) => activation =>
        new PersistentState<T>(attribute.StateName, activation, GrainStorageHelpers.Find(
            activation.Host.ServiceProvider, attribute.StorageName, activation.Class.Type.FullName));

    public Task ReadStateAsync() => ReadStateAsync(CancellationToken.None);

    public Task WriteStateAsync() => WriteStateAsync(CancellationToken.None);

    public Task ClearStateAsync() => ClearStateAsync(CancellationToken.None);

    public async Task ReadStateAsync(CancellationToken cancellationToken)
    {
        await storage.ReadStateAsync(name, grainId, record, cancellationToken);
        record.State ??= StateFactory<T>.Create();
    }

    public Task WriteStateAsync(CancellationToken cancellationToken) =>
        storage.WriteStateAsync(name, grainId, record, cancellationToken);

    public async Task ClearStateAsync(CancellationToken cancellationToken)
    {
        await storage.ClearStateAsync(name, grainId, record, cancellationToken);
        record.State ??= StateFactory<T>.Create();
    }

    public Task OnStart(CancellationToken cancellationToken = default) => ReadStateAsync(cancellationToken);

    public Task OnStop(CancellationToken cancellationToken = default) => Task.CompletedTask;
}
