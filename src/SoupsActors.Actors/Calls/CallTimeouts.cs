using System.Collections.Concurrent;

namespace SoupsActors.Actors;

/// <summary>Ends calls whose response does not come in time.</summary>
internal sealed class CallTimeouts : IDisposable
{
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestPeriod = TimeSpan.FromMilliseconds(5);

    private readonly GrainHost host;
    private readonly ITimer timer;
    private readonly ConcurrentDictionary<TimeSpan, PendingList[]> listsByTimeout = new();
    private readonly TimeSpan usual;
    private readonly PendingList[] usualLists;
    private readonly Lock gate = new();
    private TimeSpan period = LongestPeriod;

    public CallTimeouts(GrainHost host, TimeSpan usual)
    {
        this.host = host;
        this.usual = usual;
        using (ExecutionContext.SuppressFlow())
            timer = host.Time.CreateTimer(static self => ((CallTimeouts)self!).Expire(), this, period, period);
        usualLists = Lists(usual);
    }

    /// <summary>
    /// The calls that wait for a response; those that may wait for ever, as streams do, are not counted.
    /// </summary>
    public int Pending => listsByTimeout.Where(lists => lists.Key != Timeout.InfiniteTimeSpan)
        .Sum(lists => lists.Value.Sum(list => list.Count));

    /// <summary>Watches a call until it ends.</summary>
    public void Watch(Call call)
    {
        var timeout = call.Method.ResponseTimeout ?? usual;
        var lists = timeout == usual ? usualLists : Lists(timeout);
        lists[Thread.GetCurrentProcessorId() % lists.Length].Add(call, host.Time.GetTimestamp());
    }

    public void Dispose() => timer.Dispose();

    private PendingList[] Lists(TimeSpan timeout)
    {
        if (listsByTimeout.TryGetValue(timeout, out var lists))
            return lists;
        var ticks = timeout == Timeout.InfiniteTimeSpan
            ? long.MaxValue / 2
            : (long)(timeout.TotalSeconds * host.Time.TimestampFrequency);
        lists = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new PendingList(ticks))];
        LookOften(timeout);
        return listsByTimeout.GetOrAdd(timeout, lists);
    }

    private void LookOften(TimeSpan timeout)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
            return;
        lock (gate)
        {
            var enough = TimeSpan.FromTicks(Math.Max(timeout.Ticks / 4, ShortestPeriod.Ticks));
            if (enough >= period)
                return;
            period = enough;
            timer.Change(period, period);
        }
    }

    private void Expire()
    {
        var now = host.Time.GetTimestamp();
        // All chains are described before the first call ends, because with a call its part of the chain disappears.
        var expired = listsByTimeout
            .SelectMany(
                lists => lists.Value.SelectMany(list => list.Expired(now)), (lists, call) => (call, timeout: lists.Key))
            .Select(late => (late.call, message: CallChain.Describe(late.call, late.timeout)))
            .ToList();
        foreach (var (call, message) in expired)
        {
            call.Fail(new TimeoutException(message));
            if (host.Messaging.DropExpiredMessages || host.Messaging.CancelRequestOnTimeout)
                call.Abandon(host.Messaging.CancelRequestOnTimeout);
        }
    }
}
