using System.Runtime.InteropServices;

namespace SoupsActors.Actors;

/// <summary>A call's place in a list of calls that wait for a response.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct PendingEntry
{
    internal PendingList? List;
    internal Call? Before;
    internal Call? After;
    internal long Deadline;

    /// <summary>Leaves the list; once.</summary>
    internal readonly void Leave(Call call) => List?.Remove(call);
}

/// <summary>
/// Calls that wait for a response, the earliest deadline mostly first. There is a list per processor and length of
/// time, so
/// that adding and removing costs an uncontended lock, and expiry looks only at the calls that expire.
/// </summary>
internal sealed class PendingList(long timeoutTicks)
{
    private readonly Lock gate = new();
    private Call? first;
    private Call? last;
    private int count;

    public int Count => Volatile.Read(ref count);

    public void Add(Call call, long now)
    {
        lock (gate)
        {
            call.Pending.List = this;
            call.Pending.Deadline = now + timeoutTicks;
            call.Pending.Before = last;
            if (last is null)
                first = call;
            else
                last.Pending.After = call;
            last = call;
            count++;
        }
    }

    public void Remove(Call call)
    {
        lock (gate)
        {
            if (!ReferenceEquals(call.Pending.List, this))
                return;
            ref var entry = ref call.Pending;
            if (entry.Before is null)
                first = entry.After;
            else
                entry.Before.Pending.After = entry.After;
            if (entry.After is null)
                last = entry.Before;
            else
                entry.After.Pending.Before = entry.Before;
            entry = default;
            count--;
        }
    }

    /// <summary>The calls whose time has come; they stay in the list until they end.</summary>
    public List<Call> Expired(long now)
    {
        List<Call> expired = [];
        lock (gate)
        {
            // Two threads may take the time and the lock in different order, so deadlines are sorted but for
            // microseconds.
            for (var call = first; call is not null && call.Pending.Deadline <= now; call = call.Pending.After)
                expired.Add(call);
        }

        return expired;
    }
}
