namespace SoupsActors.Actors;

/// <summary>Which calls and ticks may start, and which wait.</summary>
internal sealed partial class Activation
{
    private WorkItem? firstWaiting;
    private WorkItem? lastWaiting;
    private int running;
    private int blocking;
    private int blockingWriters;
    private bool somethingEnded;
    private bool served;
    private bool used;

    /// <summary>Calls on their way to this worker of a pool.</summary>
    internal int Load;

    /// <summary>Starts a call or tick, or lets it wait.</summary>
    internal void Receive(Turn turn)
    {
        if (turn.IsAbandoned)
            Dropped(turn, null);
        else if (state == ActivationState.Valid && MayStart(turn))
            Start(turn);
        else
            Wait(turn);
    }

    /// <summary>A call or tick is over: it delivers its result, and what waits is looked at.</summary>
    internal void Ended(Turn turn, Task task)
    {
        Count(turn, -1);
        somethingEnded = true;
        used |= turn.CountsAsUse;
        turn.Finish(this, task);
        Release(turn);
    }

    private bool MayStart(Turn turn)
    {
        // Once deactivation is asked for, calls wait for the next activation; but each activation serves at least one.
        if (deactivation is not null && served)
            return false;
        return blocking == 0
            || turn.AlwaysInterleaves
            || Class.IsReentrant
            || (turn.IsReadOnly && blockingWriters == 0)
            || (turn is Call call && (PredicateAllows(call) || IsOfReentrantChain(call)));
    }

    private bool PredicateAllows(Call call)
    {
        try
        {
            return Class.MayInterleave(call);
        }
        catch (Exception exception)
        {
            call.Fail(exception);
            call.Abandon(cancel: false);
            return false;
        }
    }

    private void Start(Turn turn)
    {
        Count(turn, 1);
        served = true;
        Task task;
        try
        {
            task = turn.Start(this);
        }
        catch (Exception exception)
        {
            task = Task.FromException(exception);
        }

        turn.FinishWith(this, task);
    }

    // What interleaves with everything does not block others either.
    private void Count(Turn turn, int change)
    {
        running += change;
        if (turn.AlwaysInterleaves)
            return;
        blocking += change;
        if (!turn.IsReadOnly)
            blockingWriters += change;
    }

    private void Wait(WorkItem turn)
    {
        if (lastWaiting is null)
            firstWaiting = turn;
        else
            lastWaiting.Next = turn;
        lastWaiting = turn;
    }

    /// <summary>Starts what may start, in order of arrival.</summary>
    private void StartWaiting(ExecutionContext clean)
    {
        while (somethingEnded)
        {
            somethingEnded = false;
            WorkItem? before = null;
            var item = firstWaiting;
            while (item is not null && state == ActivationState.Valid
                && (blocking == 0 || anythingInterleaves || Class.Interleaves))
            {
                var next = item.Next;
                var turn = (Turn)item;
                if (turn.IsAbandoned || MayStart(turn))
                {
                    if (before is null)
                        firstWaiting = next;
                    else
                        before.Next = next;
                    if (next is null)
                        lastWaiting = before;
                    item.Next = null;
                    if (turn.IsAbandoned)
                        Dropped(turn, null);
                    else
                        Start(turn);
                    ExecutionContext.Restore(clean);
                }
                else
                {
                    before = item;
                }

                item = next;
            }
        }
    }

    private void Dropped(Turn turn, Exception? failure)
    {
        turn.Dropped(failure);
        Release(turn);
    }

    private void Release(Turn turn)
    {
        if (turn is not Call { IsCounted: true } call)
            return;
        call.IsCounted = false;
        Interlocked.Decrement(ref Load);
    }
}
