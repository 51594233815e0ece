using SoupsActors.Simulation.Events;

namespace SoupsActors.Simulation.Silos;

/// <summary>
/// The experts a device holds, by the engine's rules: running rows lease theirs, those are never evicted, and of the
/// others the least recently used goes first.
/// </summary>
internal sealed class DeviceStack(int experts, int slots)
{
    private readonly int[] leases = new int[experts];
    private readonly RecencyList idle = new(experts);
    private readonly ulong[] held = new ulong[(experts + 63) / 64];
    private int leased;

    /// <summary>Experts held.</summary>
    public int Count => leased + idle.Count;

    /// <summary>Experts that could be brought without waiting for a row to end.</summary>
    public int Room => slots - leased;

    /// <summary>Experts brought to the device so far.</summary>
    public long Loads { get; private set; }

    /// <summary>The experts held as bits, 64 to a word.</summary>
    public ReadOnlySpan<ulong> Held => held;

    /// <summary>Whether the device holds an expert.</summary>
    public bool Holds(int expert) => (held[expert >> 6] >> (expert & 63) & 1) != 0;

    /// <summary>
    /// Leases a mix. Returns how many experts had to be brought, or −1 where leased ones leave no room and the row must
    /// wait.
    /// </summary>
    public int TryLease(ReadOnlySpan<int> mix)
    {
        var (missing, idleNeeded) = (0, 0);
        foreach (var expert in mix)
        {
            missing += Holds(expert) ? 0 : 1;
            idleNeeded += idle.Contains(expert) ? 1 : 0;
        }

        var evictions = Count + missing - slots;
        if (missing > 0 && evictions > idle.Count - idleNeeded)
            return -1;
        foreach (var expert in mix)
        {
            idle.Remove(expert);
            held[expert >> 6] |= 1UL << (expert & 63);
            if (leases[expert]++ == 0)
                leased++;
        }

        for (; evictions > 0; evictions--)
        {
            var oldest = idle.Oldest;
            idle.Remove(oldest);
            held[oldest >> 6] &= ~(1UL << (oldest & 63));
        }

        Loads += missing;
        return missing;
    }

    /// <summary>Gives a mix back.</summary>
    public void Release(ReadOnlySpan<int> mix)
    {
        foreach (var expert in mix)
        {
            if (--leases[expert] > 0)
                continue;
            leased--;
            idle.Touch(expert);
        }
    }
}
