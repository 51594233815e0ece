using Orleans.Core.Internal;
using Orleans.Runtime;

namespace SoupsActors.Actors;

/// <summary>
/// A grain in memory: its object, its mailbox and its turns. It is a task scheduler, so that what a grain awaits goes
/// on in
/// turns of the same grain, and it holds as little as it can while idle: everything rare hangs on <see cref="Parts"/>.
/// </summary>
internal sealed partial class Activation : TaskScheduler, IGrainContext, IWorkItemScheduler, ICallTarget,
    ICallChainReentrantGrainContext, IThreadPoolWorkItem
{
    private readonly IActivationOwner owner;
    private ActivationParts? parts;
    private ActivationState state;

    internal Activation(GrainHost host, GrainClass grainClass, GrainId grainId, IActivationOwner owner)
    {
        Host = host;
        Class = grainClass;
        GrainId = grainId;
        this.owner = owner;
        lastUsed = host.Time.GetTimestamp();
    }

    /// <summary>The process's grain host.</summary>
    internal GrainHost Host { get; }

    /// <summary>What is known of the grain's class.</summary>
    internal GrainClass Class { get; }

    /// <summary>The rare parts.</summary>
    internal ActivationParts Parts =>
        parts ?? Interlocked.CompareExchange(ref parts, new ActivationParts(), null) ?? parts;

    /// <inheritdoc/>
    public GrainId GrainId { get; }

    /// <inheritdoc/>
    public object? GrainInstance { get; private set; }

    /// <inheritdoc/>
    public GrainReference GrainReference => Parts.Reference ??= new GrainReference(Host, GrainId, Class);

    /// <inheritdoc/>
    public ActivationId ActivationId => Parts.Id;

    /// <inheritdoc/>
    public IServiceProvider ActivationServices => Parts.Services(Host);

    /// <inheritdoc/>
    public IGrainLifecycle ObservableLifecycle => Parts.Lifecycle ??= new GrainLifecycle();

    /// <inheritdoc/>
    public IWorkItemScheduler Scheduler => this;

    /// <inheritdoc/>
    public Task Deactivated => Parts.Deactivated.Task;

    /// <inheritdoc/>
    public object? GetTarget() => GrainInstance;

    /// <inheritdoc/>
    public object? GetComponent(Type componentType) =>
        componentType.IsInstanceOfType(GrainInstance) ? GrainInstance
        : parts?.Component(componentType) ?? ActivationServices.GetService(componentType);

    /// <inheritdoc/>
    public void SetComponent<TComponent>(TComponent? value)
        where TComponent : class => Parts.SetComponent(typeof(TComponent), value);

    /// <inheritdoc/>
    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override string ToString() => $"{GrainId} ({state})";
}

/// <summary>The life of an activation.</summary>
internal enum ActivationState : byte
{
    /// <summary>Nothing has run yet.</summary>
    Created,

    /// <summary>The grain is constructed, reads its state and activates itself; calls wait.</summary>
    Activating,

    /// <summary>Calls run.</summary>
    Valid,

    /// <summary>The grain deactivates itself; calls wait.</summary>
    Deactivating,

    /// <summary>As soon as the mailbox is empty it closes, and what waits is handed over.</summary>
    Closing,

    /// <summary>Over.</summary>
    Closed,
}

/// <summary>Who keeps an activation: the directory, or a pool of stateless workers.</summary>
internal interface IActivationOwner
{
    /// <summary>The activation has closed; these calls, in order, wait for the next one.</summary>
    void Closed(Activation activation, Call? waiting);
}

/// <summary>Where calls go.</summary>
internal interface ICallTarget
{
    /// <summary>Takes the call, or refuses because the target is closed and another one must be found.</summary>
    bool TryPost(Call call);
}
