namespace SoupsActors.Simulation.Silos;

/// <summary>
/// One generator silo: experts come over its link, requests queue, rows decode together. All rows advance one token a
/// step, so the device is followed in steps rather than row by row: the number of steps since the start, which grows at
/// the pace of the current batch, and for each row the number at which it ends.
/// </summary>
internal sealed class GeneratorSilo(SimulationOptions options, RequestTable requests)
{
    private readonly ExpertMemory memory = new(
        options.Experts,
        options.CachedExperts,
        options.NetworkLatencySeconds + options.ExpertBytes / options.NetworkBytesPerSecond);

    private readonly DeviceStack device = new(options.Experts, options.Slots);
    private readonly Queue<int> queue = new();
    private readonly PriorityQueue<int, double> rows = new();
    private int fetching;
    private double now;
    private double steps;
    private double pace = double.PositiveInfinity;
    private double stalled;

    public ExpertMemory Memory => memory;

    public DeviceStack Device => device;

    /// <summary>Requests that wait for experts or for a place.</summary>
    public int Waiting => fetching + queue.Count;

    /// <summary>Rows that decode.</summary>
    public int Running => rows.Count;

    /// <summary>Seconds × running rows so far.</summary>
    public double RowSeconds { get; private set; }

    /// <summary>Seconds × requests waiting or running so far.</summary>
    public double RequestSeconds { get; private set; }

    /// <summary>Seconds in which at least one row ran.</summary>
    public double BusySeconds { get; private set; }

    /// <summary>When the next row ends; infinite where none runs.</summary>
    public double NextCompletion => rows.TryPeek(out _, out var end)
        ? now + stalled + Math.Max(0, end - steps) * pace
        : double.PositiveInfinity;

    /// <summary>Takes a request in, or refuses it where the queue is full.</summary>
    public bool TryAccept(int id, double time)
    {
        if (Waiting >= options.QueueLimit)
            return false;
        Advance(time);
        ref var request = ref requests[id];
        request.Pending = 0;
        foreach (var expert in requests.MixOf(id))
            request.Pending += memory.Ask(expert, id, time) ? 0 : 1;
        if (request.Pending > 0)
            fetching++;
        else
            queue.Enqueue(id);
        return true;
    }

    /// <summary>The expert that comes over the link is here.</summary>
    public void Receive(double time)
    {
        Advance(time);
        foreach (var id in memory.Receive(time))
        {
            if (--requests[id].Pending > 0)
                continue;
            fetching--;
            queue.Enqueue(id);
        }
    }

    /// <summary>The row that ends now.</summary>
    public int Complete(double time)
    {
        Advance(time);
        var id = rows.Dequeue();
        device.Release(requests.MixOf(id));
        SetPace();
        return id;
    }

    /// <summary>
    /// Lets the next request in, first come, first served. Returns it, or −1 where none waits, no place is free, or its
    /// experts find no room: then all behind it wait too, as in the engine.
    /// </summary>
    public int Admit(double time)
    {
        Advance(time);
        if (rows.Count >= options.Rows || !queue.TryPeek(out var id))
            return -1;
        var loads = device.TryLease(requests.MixOf(id));
        if (loads < 0)
            return -1;
        queue.Dequeue();
        var service = options.Service;
        if (loads > 0)
            stalled += loads * service.LoadSeconds + device.Count * service.RestackSeconds;
        stalled += options.PromptTokens * service.PromptTokenSeconds;
        ref var request = ref requests[id];
        request.Joined = time;
        rows.Enqueue(id, steps + request.Asked.Tokens);
        SetPace();
        return id;
    }

    /// <summary>Seconds until a row that has just joined has its first token.</summary>
    public double FirstToken => stalled + pace;

    /// <summary>Brings the device to a time, which never goes back.</summary>
    public void Advance(double time)
    {
        var passed = time - now;
        RowSeconds += passed * rows.Count;
        RequestSeconds += passed * (rows.Count + Waiting);
        BusySeconds += rows.Count > 0 ? passed : 0;
        var still = Math.Min(passed, stalled);
        stalled -= still;
        if (rows.Count > 0)
            steps += (passed - still) / pace;
        now = time;
    }

    private void SetPace() => pace = options.Service.Step(rows.Count, device.Count);
}
