using SoupsActors.Simulation.Events;

namespace SoupsActors.Simulation.Silos;

/// <summary>
/// The experts in a silo's memory and the link they come over, as the runtime's cache has it: requests that want the
/// same expert while it comes share one transfer; beyond the capacity those go that nobody asked for the longest, even
/// on their way, and who waits for one still gets it. What is held depends on the order of requests alone.
/// </summary>
internal sealed class ExpertMemory(int experts, int capacity, double transferSeconds)
{
    private readonly RecencyList held = new(experts);
    private readonly Transfer?[] coming = new Transfer?[experts];
    private readonly Queue<Transfer> link = new();

    /// <summary>Transfers begun.</summary>
    public long Misses { get; private set; }

    /// <summary>Times an expert was asked for.</summary>
    public long Lookups { get; private set; }

    /// <summary>Most experts held at once.</summary>
    public int Peak { get; private set; }

    /// <summary>When the transfer under way ends; infinite where there is none.</summary>
    public double NextArrival { get; private set; } = double.PositiveInfinity;

    /// <summary>Asks for an expert. False where the request has to wait for it.</summary>
    public bool Ask(int expert, int request, double now)
    {
        Lookups++;
        if (held.Contains(expert))
        {
            held.Touch(expert);
            coming[expert]?.Waiting.Add(request);
            return coming[expert] is null;
        }

        Misses++;
        if (held.Count == capacity)
        {
            // Who waits for one that goes again keeps its transfer; who asks later begins another.
            coming[held.Oldest] = null;
            held.Remove(held.Oldest);
        }

        held.Touch(expert);
        Peak = Math.Max(Peak, held.Count);
        var transfer = coming[expert] = new Transfer(expert, [request]);
        link.Enqueue(transfer);
        if (link.Count == 1)
            NextArrival = now + transferSeconds;
        return false;
    }

    /// <summary>The transfer under way ends; returns the requests that waited for it, and begins the next.</summary>
    public List<int> Receive(double now)
    {
        var transfer = link.Dequeue();
        if (coming[transfer.Expert] == transfer)
            coming[transfer.Expert] = null;
        NextArrival = link.Count > 0 ? now + transferSeconds : double.PositiveInfinity;
        return transfer.Waiting;
    }

    private sealed record Transfer(int Expert, List<int> Waiting);
}
