using Orleans.Runtime;
using SoupsActors.Actors;

namespace Orleans;

/// <summary>The usual base class of grains.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    /// <summary>Used by the host, which makes the context known while it constructs the grain.</summary>
    protected Grain()
        : this(RuntimeContext.Current!)
    {
    }

    /// <summary>For grains that take their context as a constructor argument.</summary>
    protected Grain(IGrainContext grainContext) => GrainContext = grainContext;

    /// <summary>The activation this object belongs to.</summary>
    public IGrainContext GrainContext { get; }

    /// <summary>A reference to this grain.</summary>
    public GrainReference GrainReference => Context.GrainReference;

    /// <summary>The grain's id as text.</summary>
    public string IdentityString => Context.GrainId.ToString();

    /// <summary>The name of the process that runs the grain.</summary>
    public string RuntimeIdentity => Context.Host.Identity;

    /// <summary>References to other grains.</summary>
    protected IGrainFactory GrainFactory => Context.Host;

    /// <summary>The services of this activation's scope.</summary>
    protected internal IServiceProvider ServiceProvider => Context.ActivationServices;

    private Activation Context => GrainContext as Activation ?? throw new InvalidOperationException(
        $"{GetType().Name} was constructed outside of a grain host. Get a reference from IGrainFactory instead.");

    /// <summary>
    /// Runs before the first call. An exception fails the waiting calls, and the next call tries again.
    /// </summary>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs after the last call; not when the process dies.</summary>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <summary>Ends this activation after the running call; calls that wait go to the next activation.</summary>
    protected void DeactivateOnIdle() => ((IGrainBase)this).DeactivateOnIdle();

    /// <summary>Keeps idle collection away for at least this long; a negative time span takes that back.</summary>
    protected void DelayDeactivation(TimeSpan timeSpan) => Context.DelayDeactivation(timeSpan);
}
