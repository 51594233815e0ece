namespace Orleans.Concurrency;

/// <summary>
/// Calls of methods with this mark may run while other calls of such methods await; they promise to change nothing.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReadOnlyAttribute : Attribute;

/// <summary>Calls of the class may start while others await. Turns still never run in parallel.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute;

/// <summary>Calls of the method may start while any others await.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;

/// <summary>The caller does not wait: no result and no exception comes back.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OneWayAttribute : Attribute;

/// <summary>
/// Lets a static method <c>bool Name(IInvokable request)</c> of the class decide whether a call may start while others
/// await.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class MayInterleaveAttribute(string callbackMethodName) : Attribute
{
    internal string CallbackMethodName { get; } = callbackMethodName;
}

/// <summary>
/// The grain keeps no state: several activations share its calls, in no particular order, and more are made while all
/// are busy.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class StatelessWorkerAttribute : Attribute
{
    /// <summary>At most this many activations; one per processor when not positive.</summary>
    public StatelessWorkerAttribute(int maxLocalWorkers) =>
        MaxLocalWorkers = maxLocalWorkers > 0 ? maxLocalWorkers : Environment.ProcessorCount;

    /// <summary>At most one activation per processor.</summary>
    public StatelessWorkerAttribute()
        : this(-1)
    {
    }

    internal int MaxLocalWorkers { get; }
}
