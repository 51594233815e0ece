using System.Diagnostics.CodeAnalysis;

namespace SoupsActors.Serving.Scheduling;

/// <summary>What one client has used so far, in the units of <see cref="FairQueue{T}"/>'s caller.</summary>
internal sealed class FairAccount(string key)
{
    public string Key { get; } = key;

    /// <summary>The virtual counter: service received, lifted when the client comes back after a pause.</summary>
    public long Used { get; set; }

    /// <summary>Requests being served; the account stays known while there are any.</summary>
    public int Running { get; set; }
}

/// <summary>
/// Waiting requests, ordered so that each client gets its share whatever the others send: the client served least is
/// next, and its own requests keep their order.
/// </summary>
/// <remarks>
/// Virtual token counter (Sheng et al. 2024, "Fairness in serving large language models", algorithm 2). A client that
/// comes back is lifted to the least-served waiting client, or to the last one that left an empty queue, so that idling
/// saves up no credit.
/// </remarks>
internal sealed class FairQueue<T>
{
    private const int ManyAccounts = 1024;

    private readonly Dictionary<string, Line> lines = new(StringComparer.Ordinal);
    private readonly List<Line> waiting = [];
    private FairAccount? lastLeft;

    public int Count { get; private set; }

    /// <summary>Clients remembered, for tests.</summary>
    public int AccountCount => lines.Count;

    public FairAccount Enqueue(string key, T item)
    {
        if (!lines.TryGetValue(key, out var line))
        {
            ForgetIdleAccounts();
            lines[key] = line = new Line(new FairAccount(key));
        }

        if (line.Items.Count == 0)
        {
            line.Account.Used = Math.Max(line.Account.Used, Floor());
            waiting.Add(line);
        }

        line.Items.Enqueue(item);
        Count++;
        return line.Account;
    }

    /// <summary>The next request; it stays until <see cref="Dequeue"/>.</summary>
    public bool TryPeek([MaybeNullWhen(false)] out T item)
    {
        if (Next() is { } line)
        {
            item = line.Items.Peek();
            return true;
        }

        item = default;
        return false;
    }

    public T Dequeue()
    {
        var line = Next() ?? throw new InvalidOperationException("The queue is empty.");
        var item = line.Items.Dequeue();
        Count--;
        LeaveIfEmpty(line);
        return item;
    }

    /// <summary>Takes out every request that meets the condition, in no particular order.</summary>
    public void RemoveWhere(Predicate<T> condition, Action<T> removed)
    {
        for (var i = waiting.Count - 1; i >= 0; i--)
        {
            var line = waiting[i];
            for (var left = line.Items.Count; left > 0; left--)
            {
                var item = line.Items.Dequeue();
                if (condition(item))
                {
                    Count--;
                    removed(item);
                }
                else
                {
                    line.Items.Enqueue(item);
                }
            }

            LeaveIfEmpty(line);
        }
    }

    private long Floor() => Next()?.Account.Used ?? lastLeft?.Used ?? 0;

    // Clients that wait are few beside the work of a step, so a scan is cheaper than a heap whose keys change.
    private Line? Next()
    {
        Line? next = null;
        foreach (var line in waiting)
        {
            if (next is null || line.Account.Used < next.Account.Used)
                next = line;
        }

        return next;
    }

    private void LeaveIfEmpty(Line line)
    {
        if (line.Items.Count > 0)
            return;
        waiting.Remove(line);
        lastLeft = line.Account;
    }

    /// <summary>
    /// An idle account at or below the floor would be lifted to it anyway, so nothing is lost with it.
    /// </summary>
    private void ForgetIdleAccounts()
    {
        if (lines.Count < ManyAccounts)
            return;
        var floor = Floor();
        foreach (var (key, line) in lines)
        {
            if (line.Items.Count == 0 && line.Account.Running == 0 && line.Account.Used <= floor)
                lines.Remove(key);
        }
    }

    private sealed class Line(FairAccount account)
    {
        public FairAccount Account { get; } = account;

        public Queue<T> Items { get; } = new();
    }
}
