using System.Collections.Concurrent;
using Orleans.Runtime;

namespace SoupsActors.Actors;

/// <summary>Knows where each grain is: at most one activation of each, or one pool of stateless workers.</summary>
internal sealed class GrainDirectory(GrainHost host) : IActivationOwner
{
    private readonly ConcurrentDictionary<GrainId, ICallTarget> targets = new();

    /// <summary>All activations; others may come and go meanwhile.</summary>
    public IEnumerable<Activation> Activations => targets.SelectMany(pair => pair.Value switch
    {
        Activation activation => [activation],
        WorkerPool pool => pool.Workers,
        _ => Array.Empty<Activation>(),
    });

    /// <summary>Where calls of a reference go; made if need be.</summary>
    public ICallTarget Find(GrainReference reference)
    {
        if (targets.TryGetValue(reference.GrainId, out var target))
            return target;
        var grainClass = host.References.ClassOf(reference);
        if (grainClass.IsObserver)
            throw new OrleansMessageRejectionException(
                $"The observer {reference.GrainId} was deleted or is not of this process.");
        host.Placement.Require(grainClass, reference.GrainId);
        return targets.GetOrAdd(reference.GrainId, grainClass.MaxWorkers > 0
            ? new WorkerPool(host, grainClass, reference.GrainId)
            : new Activation(host, grainClass, reference.GrainId, this));
    }

    /// <summary>Adds an object that exists already.</summary>
    public void Add(GrainId grainId, GrainClass grainClass, object instance) =>
        targets[grainId] = new Activation(host, grainClass, grainId, this).AlreadyActive(instance);

    /// <summary>What is known of an id.</summary>
    public ICallTarget? TryFind(GrainId grainId) => targets.GetValueOrDefault(grainId);

    public void Closed(Activation activation, Call? waiting)
    {
        if (waiting is null || host.IsStopped || activation.Class.IsObserver)
        {
            targets.TryRemove(KeyValuePair.Create<GrainId, ICallTarget>(activation.GrainId, activation));
            Refuse(waiting);
            return;
        }

        // Callers that find the old activation closed look here again until they find the new one, which already has
        // the
        // calls that came before theirs.
        var next = new Activation(host, activation.Class, activation.GrainId, this);
        next.TakeOver(waiting);
        targets[activation.GrainId] = next;
        next.Post(new WakeItem());
    }

    private static void Refuse(Call? waiting)
    {
        while (waiting is not null)
        {
            var next = (Call?)waiting.Next;
            waiting.Next = null;
            waiting.Fail(new SiloUnavailableException());
            waiting = next;
        }
    }
}
