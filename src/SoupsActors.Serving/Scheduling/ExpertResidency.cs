using System.Collections.Immutable;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Inference;

namespace SoupsActors.Serving.Scheduling;

/// <summary>An expert that the model holds, and how many rows need it.</summary>
internal sealed class ResidentExpert(Expert expert)
{
    public Expert Expert { get; } = expert;

    public int Leases { get; set; }

    public long LastUse { get; set; }
}

/// <summary>
/// Which experts the model holds: all that running rows lease, and the most recently used others up to a limit. A
/// leased expert is never evicted (invariant 3), and experts are known by content hash alone (invariant 2).
/// </summary>
internal sealed class ExpertResidency(IStepModel model, int limit)
{
    private readonly List<ResidentExpert> residents = [];
    private long clock;

    public int Count => residents.Count;

    public IEnumerable<ResidentExpert> Residents => residents;

    /// <summary>Experts brought to the model so far.</summary>
    public long Loads { get; private set; }

    /// <summary>Content hashes of the residents.</summary>
    public ImmutableArray<string> Hashes { get; private set; } = [];

    /// <summary>Makes experts resident and leases them, or does nothing when leased ones leave no room.</summary>
    /// <param name="experts">Different experts, at most as many as the limit.</param>
    /// <param name="leases">To be given back by <see cref="Release"/>.</param>
    /// <exception cref="ExpertMismatchException">
    /// An expert does not fit; the residents are as before, or fewer.
    /// </exception>
    public bool TryLease(ReadOnlySpan<Expert> experts, out ResidentExpert[] leases)
    {
        leases = [];
        var missing = 0;
        foreach (var expert in experts)
            missing += Find(expert.Hash) is null ? 1 : 0;
        var evictions = residents.Count + missing - limit;
        if (missing > 0 && evictions > CountEvictable(experts))
            return false;

        if (missing > 0)
            Load(experts, evictions);
        if (!experts.IsEmpty)
            leases = new ResidentExpert[experts.Length];
        for (var i = 0; i < leases.Length; i++)
            leases[i] = Find(experts[i].Hash)!;
        foreach (var lease in leases)
        {
            lease.Leases++;
            lease.LastUse = ++clock;
        }

        return true;
    }

    public int CountLeased()
    {
        var count = 0;
        foreach (var resident in residents)
            count += resident.Leases > 0 ? 1 : 0;
        return count;
    }

    public void Release(ReadOnlySpan<ResidentExpert> leases)
    {
        foreach (var lease in leases)
        {
            if (lease.Leases == 0)
                throw new InvalidOperationException($"Expert {lease.Expert.Hash} is released more often than leased.");
            lease.Leases--;
            lease.LastUse = ++clock;
        }
    }

    private ResidentExpert? Find(string hash)
    {
        foreach (var resident in residents)
        {
            if (resident.Expert.Hash == hash)
                return resident;
        }

        return null;
    }

    private int CountEvictable(ReadOnlySpan<Expert> needed)
    {
        var count = 0;
        foreach (var resident in residents)
            count += resident.Leases == 0 && !needed.Contains(resident.Expert) ? 1 : 0;
        return count;
    }

    private void Load(ReadOnlySpan<Expert> needed, int evictions)
    {
        for (; evictions > 0; evictions--)
            residents.Remove(LeastRecentlyUsed(needed));
        var kept = residents.Count;
        foreach (var expert in needed)
        {
            if (Find(expert.Hash) is null)
                residents.Add(new ResidentExpert(expert));
        }

        try
        {
            Publish();
        }
        catch
        {
            residents.RemoveRange(kept, residents.Count - kept);
            Publish();
            throw;
        }

        Loads += residents.Count - kept;
    }

    private ResidentExpert LeastRecentlyUsed(ReadOnlySpan<Expert> needed)
    {
        ResidentExpert? oldest = null;
        foreach (var resident in residents)
        {
            if (resident.Leases == 0 && !needed.Contains(resident.Expert)
                && (oldest is null || resident.LastUse < oldest.LastUse))
            {
                oldest = resident;
            }
        }

        return oldest!;
    }

    private void Publish()
    {
        model.SetExperts([.. residents.Select(r => r.Expert)]);
        Hashes = [.. residents.Select(r => r.Expert.Hash)];
    }
}
