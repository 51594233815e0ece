using Orleans;
using Orleans.Runtime;

namespace SoupsActors.Actors;

/// <summary>Who takes part in the beginning and the end of an activation, stage by stage.</summary>
internal sealed class GrainLifecycle : IGrainLifecycle
{
    private readonly List<Subscription> subscriptions = [];

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        var subscription = new Subscription(this, stage, observer);
        subscriptions.Add(subscription);
        return subscription;
    }

    /// <summary>Stages from low to high; observers of one stage run together.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var stage in Stages().Order().ToArray())
            await Task.WhenAll(At(stage).Select(observer => observer.OnStart(cancellationToken)));
    }

    /// <summary>Stages from high to low.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var stage in Stages().OrderDescending().ToArray())
            await Task.WhenAll(At(stage).Select(observer => observer.OnStop(cancellationToken)));
    }

    private IEnumerable<int> Stages() => subscriptions.Select(s => s.Stage).Distinct();

    private ILifecycleObserver[] At(int stage) =>
        [.. subscriptions.Where(s => s.Stage == stage).Select(s => s.Observer)];

    private sealed record Subscription(GrainLifecycle Owner, int Stage, ILifecycleObserver Observer) : IDisposable
    {
        public void Dispose() => Owner.subscriptions.RemoveAll(s => ReferenceEquals(s, this));
    }
}
