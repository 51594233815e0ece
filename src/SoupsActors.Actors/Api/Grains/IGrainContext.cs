using Orleans.Serialization.Invocation;

namespace Orleans.Runtime
{
    /// <summary>One activation of a grain.</summary>
    public interface IGrainContext : ITargetHolder, IEquatable<IGrainContext>
    {
        /// <summary>A reference to the grain.</summary>
        GrainReference GrainReference { get; }

        /// <summary>The grain's id.</summary>
        GrainId GrainId { get; }

        /// <summary>The grain object; null until it is constructed.</summary>
        object? GrainInstance { get; }

        /// <summary>This activation's id.</summary>
        ActivationId ActivationId { get; }

        /// <summary>The services of this activation's scope, made when first asked for.</summary>
        IServiceProvider ActivationServices { get; }

        /// <summary>Where parts of the grain take part in activation and deactivation.</summary>
        IGrainLifecycle ObservableLifecycle { get; }

        /// <summary>Runs work in turns of this activation.</summary>
        IWorkItemScheduler Scheduler { get; }

        /// <summary>Completes when this activation has ended.</summary>
        Task Deactivated { get; }

        /// <summary>Attaches an object to this activation, or removes it with null.</summary>
        void SetComponent<TComponent>(TComponent? value)
            where TComponent : class;

        /// <summary>Ends this activation after the running calls; calls that wait go to the next one.</summary>
        void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
    }

    /// <summary>Runs work one turn at a time.</summary>
    public interface IWorkItemScheduler
    {
        /// <summary>Runs an action in a turn.</summary>
        void QueueAction(Action action);

        /// <summary>Starts a task in a turn.</summary>
        void QueueTask(Task task);

        /// <summary>Runs an action in a turn.</summary>
        void QueueAction(Action<object> action, object state);
    }

    /// <summary>The activation whose turn is running on this thread.</summary>
    public interface IGrainContextAccessor
    {
        /// <summary>The activation, or null outside of grains.</summary>
        IGrainContext? GrainContext { get; }
    }

    /// <summary>The stages of a grain's life.</summary>
    public static class GrainLifecycleStage
    {
        /// <summary>Before everything else.</summary>
        public const int First = int.MinValue;

        /// <summary>Persistent state is read.</summary>
        public const int SetupState = 1000;

        /// <summary><see cref="Grain.OnActivateAsync"/> has run.</summary>
        public const int Activate = 2000;

        /// <summary>After everything else.</summary>
        public const int Last = int.MaxValue;
    }

    /// <summary>The life of an activation, stage by stage.</summary>
    public interface IGrainLifecycle : ILifecycleObservable;
}

namespace Orleans
{
    /// <summary>A life that others take part in.</summary>
    public interface ILifecycleObservable
    {
        /// <summary>Calls the observer when the stage is reached, and in reverse order at the end.</summary>
        IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer);
    }

    /// <summary>Takes part in a life.</summary>
    public interface ILifecycleObserver
    {
        /// <summary>The stage is reached.</summary>
        Task OnStart(CancellationToken cancellationToken = default);

        /// <summary>The stage is left.</summary>
        Task OnStop(CancellationToken cancellationToken = default);
    }
}

namespace Orleans.Serialization.Invocation
{
    /// <summary>Holds the object that a call is made on.</summary>
    public interface ITargetHolder
    {
        /// <summary>The object.</summary>
        object? GetTarget();

        /// <summary>An object attached to the holder, or a service of its scope.</summary>
        object? GetComponent(Type componentType);
    }
}
