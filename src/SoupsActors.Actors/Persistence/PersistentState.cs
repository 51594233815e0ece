using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace SoupsActors.Actors;

/// <summary>
/// A grain's stored state. Storage operations of one state run one after another, also when turns interleave; a write
/// that has
/// not begun serves all who ask for one meanwhile.
/// </summary>
internal sealed class PersistentState<T> : IPersistentState<T>, ILifecycleObserver
{
    private readonly string name;
    private readonly GrainId grainId;
    private readonly IGrainStorage storage;
    private readonly GrainState<T> record = new();
    private Task latest = Task.CompletedTask;
    private Task? queuedWrite;

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

    public Task ReadStateAsync(CancellationToken cancellationToken) => Queue(async () =>
    {
        await storage.ReadStateAsync(name, grainId, record, cancellationToken);
        record.State ??= StateFactory<T>.Create();
    });

    public Task WriteStateAsync(CancellationToken cancellationToken)
    {
        if (queuedWrite is not null && !cancellationToken.CanBeCanceled)
            return queuedWrite;
        var begun = false;
        var write = Queue(() =>
        {
            begun = true;
            queuedWrite = null;
            return storage.WriteStateAsync(name, grainId, record, cancellationToken);
        });
        if (!begun && !cancellationToken.CanBeCanceled)
            queuedWrite = write;
        return write;
    }

    public Task ClearStateAsync(CancellationToken cancellationToken) => Queue(async () =>
    {
        await storage.ClearStateAsync(name, grainId, record, cancellationToken);
        record.State ??= StateFactory<T>.Create();
    });

    public Task OnStart(CancellationToken cancellationToken = default) => ReadStateAsync(cancellationToken);

    public Task OnStop(CancellationToken cancellationToken = default) => Task.CompletedTask;

    private Task Queue(Func<Task> operation)
    {
        queuedWrite = null;
        return latest = latest.IsCompleted ? operation() : After(latest, operation);
    }

    private static async Task After(Task before, Func<Task> operation)
    {
        await before.ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await operation();
    }
}
