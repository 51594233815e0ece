using System.Collections.Concurrent;

namespace SoupsActors.Actors.Tests.Conformance;

/// <summary>
/// Points where a grain waits for its test, so that interleavings happen by order and not by luck. Names are made
/// unique by the
/// test (a new Guid in each), because grains of one process share them.
/// </summary>
public static class Gates
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly ConcurrentDictionary<string, Gate> All = new();

    /// <summary>Called by a grain: tells that it has arrived and waits until the gate is open.</summary>
    public static Task PassAsync(string name, CancellationToken cancellationToken = default)
    {
        var gate = Of(name);
        gate.Arrived.TrySetResult();
        return gate.Opened.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Called by a test: waits until a grain has arrived.</summary>
    public static Task ArrivalAsync(string name) => Of(name).Arrived.Task.WaitAsync(Patience);

    /// <summary>Called by a test: whether a grain arrives within a moment.</summary>
    public static async Task<bool> ArrivesSoonAsync(string name)
    {
        var arrival = Of(name).Arrived.Task;
        return await Task.WhenAny(arrival, Task.Delay(100)) == arrival;
    }

    /// <summary>Called by a test: opens the gate.</summary>
    public static void Open(string name) => Of(name).Opened.TrySetResult();

    /// <summary>Called by anyone: notes that something has happened.</summary>
    public static void Signal(string name) => Of(name).Arrived.TrySetResult();

    /// <summary>Whether something has happened, or somebody has arrived.</summary>
    public static bool HasArrived(string name) => Of(name).Arrived.Task.IsCompleted;

    private static Gate Of(string name) => All.GetOrAdd(name, _ => new Gate());

    private sealed class Gate
    {
        public TaskCompletionSource Arrived { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
