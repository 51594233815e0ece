using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace SoupsActors.Actors;

/// <summary>What only some activations need.</summary>
internal sealed class ActivationParts
{
    private readonly Lock gate = new();
    private IServiceScope? scope;
    private Dictionary<Type, object>? components;
    private List<IGrainTimer>? timers;
    private List<IOpenStream>? streams;

    /// <summary>This activation's name.</summary>
    public ActivationId Id { get; } = ActivationId.NewId();

    /// <summary>Completes when the activation has ended.</summary>
    public TaskCompletionSource Deactivated { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Runs what the grain left behind.</summary>
    public TaskScheduler Afterlife => LazyInitializer.EnsureInitialized(
        ref field, static () => new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler);

    /// <summary>A reference to the grain.</summary>
    public GrainReference? Reference { get; set; }

    /// <summary>Who takes part in beginning and end.</summary>
    public GrainLifecycle? Lifecycle { get; set; }

    /// <summary>Until when the grain must not be collected.</summary>
    public DateTimeOffset KeepAliveUntil { get; set; }

    /// <summary>Chains of calls that may re-enter, each with the number of sections that say so.</summary>
    public Dictionary<Guid, int>? ReentrantChains { get; set; }

    /// <summary>The services of the activation's scope.</summary>
    public IServiceProvider Services(GrainHost host)
    {
        lock (gate)
            return (scope ??= host.ServiceProvider.CreateScope()).ServiceProvider;
    }

    /// <summary>An attached object.</summary>
    public object? Component(Type type)
    {
        lock (gate)
            return components?.GetValueOrDefault(type);
    }

    /// <summary>Attaches an object, or removes it.</summary>
    public void SetComponent(Type type, object? value)
    {
        lock (gate)
        {
            if (value is null)
                components?.Remove(type);
            else
                (components ??= [])[type] = value;
        }
    }

    /// <summary>A timer of the grain; it ends with the grain.</summary>
    public void Add(IGrainTimer timer)
    {
        lock (gate)
            (timers ??= []).Add(timer);
    }

    /// <summary>A timer that has ended.</summary>
    public void Remove(IGrainTimer timer)
    {
        lock (gate)
            timers?.Remove(timer);
    }

    /// <summary>A stream that somebody reads; it ends with the grain.</summary>
    public void Add(IOpenStream stream)
    {
        lock (gate)
            (streams ??= []).Add(stream);
    }

    /// <summary>A stream that has ended.</summary>
    public void Remove(IOpenStream stream)
    {
        lock (gate)
            streams?.Remove(stream);
    }

    /// <summary>Ends all timers.</summary>
    public void StopTimers()
    {
        foreach (var timer in Take(ref timers))
            timer.Dispose();
    }

    /// <summary>Asks all streams to end soon.</summary>
    public void AbortStreams()
    {
        lock (gate)
        {
            foreach (var stream in streams ?? [])
                stream.Abort();
        }
    }

    /// <summary>Ends all streams.</summary>
    public async Task StopStreamsAsync()
    {
        foreach (var stream in Take(ref streams))
            await stream.EndAsync();
    }

    /// <summary>Ends the scope.</summary>
    public async Task DisposeServicesAsync()
    {
        if (scope is IAsyncDisposable asyncDisposable)
            await asyncDisposable.DisposeAsync();
        else
            scope?.Dispose();
    }

    private List<T> Take<T>(ref List<T>? list)
    {
        lock (gate)
        {
            var taken = list ?? [];
            list = null;
            return taken;
        }
    }
}
