using Orleans.Runtime;

namespace SoupsActors.Actors;

/// <summary>
/// The activations of a stateless worker: a call goes to an idle one, to a new one, or to the least busy.
/// </summary>
internal sealed class WorkerPool(GrainHost host, GrainClass grainClass, GrainId grainId) : ICallTarget, IActivationOwner
{
    private readonly Lock gate = new();
    private readonly List<Activation> workers = [];

    /// <summary>The activations there are.</summary>
    public Activation[] Workers
    {
        get
        {
            lock (gate)
                return [.. workers];
        }
    }

    public bool TryPost(Call call)
    {
        lock (gate)
        {
            var worker = LeastBusy();
            if (worker is null || (Volatile.Read(ref worker.Load) > 0 && workers.Count < grainClass.MaxWorkers))
                workers.Add(worker = new Activation(host, grainClass, grainId, this));
            Interlocked.Increment(ref worker.Load);
            call.IsCounted = true;
            if (worker.Post(call))
                return true;
            call.IsCounted = false;
            // The worker has closed and is about to leave the list.
            workers.Remove(worker);
            return false;
        }
    }

    public void Closed(Activation activation, Call? waiting)
    {
        lock (gate)
            workers.Remove(activation);
        while (waiting is not null)
        {
            var next = (Call?)waiting.Next;
            waiting.Next = null;
            waiting.IsCounted = false;
            host.Dispatch(waiting);
            waiting = next;
        }
    }

    private Activation? LeastBusy()
    {
        Activation? best = null;
        foreach (var worker in workers)
        {
            if (best is null || Volatile.Read(ref worker.Load) < Volatile.Read(ref best.Load))
                best = worker;
        }

        return best;
    }
}
