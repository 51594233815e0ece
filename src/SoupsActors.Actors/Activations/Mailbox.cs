namespace SoupsActors.Actors;

/// <summary>Something an activation does in one of its turns.</summary>
internal abstract class WorkItem
{
    /// <summary>
    /// The next item of the one list that this item is in: a mailbox, or an activation's waiting calls.
    /// </summary>
    internal WorkItem? Next;

    /// <summary>Runs in a turn of the activation.</summary>
    internal abstract void Run(Activation activation);
}

/// <summary>What became of an item that was put into a mailbox.</summary>
internal enum Posted
{
    /// <summary>The mailbox is being emptied; the item will have its turn.</summary>
    Queued,

    /// <summary>The mailbox was idle; the poster must schedule its owner.</summary>
    Wake,

    /// <summary>The mailbox is closed and did not take the item.</summary>
    Refused,
}

/// <summary>
/// A queue of many producers and one consumer without locks, in one word: a stack of items that the consumer takes
/// whole and
/// turns around. The word also says who is responsible: null is idle, and <see cref="Busy"/> at the bottom means that
/// the owner
/// is scheduled or running, so no item is ever left behind and the owner never runs twice at once.
/// </summary>
internal struct Mailbox
{
    private static readonly WorkItem Busy = new Marker();
    private static readonly WorkItem Closed = new Marker();
    private WorkItem? top;

    /// <summary>Whether nothing is queued or running.</summary>
    public bool IsIdle => Volatile.Read(ref top) is null;

    /// <summary>Puts an item in; any thread.</summary>
    public Posted Post(WorkItem item)
    {
        var seen = Volatile.Read(ref top);
        while (true)
        {
            if (ReferenceEquals(seen, Closed))
                return Posted.Refused;
            item.Next = seen ?? Busy;
            var found = Interlocked.CompareExchange(ref top, item, seen);
            if (ReferenceEquals(found, seen))
                return seen is null ? Posted.Wake : Posted.Queued;
            seen = found;
        }
    }

    /// <summary>Takes all items, the oldest first; owner only.</summary>
    public WorkItem? TakeAll()
    {
        var item = Interlocked.Exchange(ref top, Busy);
        WorkItem? oldest = null;
        while (!ReferenceEquals(item, Busy))
        {
            var older = item!.Next;
            item.Next = oldest;
            oldest = item;
            item = older;
        }

        return oldest;
    }

    /// <summary>Gives up the responsibility unless something came in; owner only.</summary>
    public bool TryIdle() => ReferenceEquals(Interlocked.CompareExchange(ref top, null, Busy), Busy);

    /// <summary>Refuses items from now on unless something came in; owner only.</summary>
    public bool TryClose() => ReferenceEquals(Interlocked.CompareExchange(ref top, Closed, Busy), Busy);

    private sealed class Marker : WorkItem
    {
        internal override void Run(Activation activation) =>
            throw new InvalidOperationException("A marker is not work.");
    }
}
