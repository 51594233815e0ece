using SoupsActors.Experts;

namespace SoupsActors.Grains.Experts;

/// <summary>
/// Leases under way. They live in memory only: a process that dies takes its requests along, and a holder that
/// disappears is covered by the expiry.
/// </summary>
internal sealed class LeaseTable(TimeProvider clock, TimeSpan duration)
{
    private readonly Dictionary<string, ExpertLease> leases = [];

    /// <summary>Leases that have not ended.</summary>
    public int Count
    {
        get
        {
            DropExpired();
            return leases.Count;
        }
    }

    /// <summary>The lease with this id: the one granted before, or a new one. Tells which it is.</summary>
    public ExpertLease Grant(string leaseId, string expertId, ExpertState state, out bool isNew)
    {
        DropExpired();
        isNew = !leases.TryGetValue(leaseId, out var lease);
        if (!isNew)
            return lease!;
        lease = Of(leaseId, expertId, state);
        leases.Add(leaseId, lease);
        return lease;
    }

    /// <summary>The lease that a request would get now, without granting one.</summary>
    public ExpertLease Preview(string expertId, ExpertState state) => Of("", expertId, state);

    public void Release(string leaseId) => leases.Remove(leaseId);

    /// <summary>The refusal for an expert that does not exist.</summary>
    public static SoupsException Unknown(string expertId) => SoupsException.NotFound(
        $"There is no expert '{expertId}'. GET /v1/experts lists those there are.", "unknown_expert", "id");

    private ExpertLease Of(string leaseId, string expertId, ExpertState state)
    {
        var version = state.CurrentVersion ?? throw Unknown(expertId);
        return new ExpertLease(
            leaseId,
            expertId,
            version.Number,
            version.Hash,
            version.Path,
            version.BaseHash,
            state.Preference,
            clock.GetUtcNow() + duration);
    }

    private void DropExpired()
    {
        var now = clock.GetUtcNow();
        foreach (var (id, lease) in leases)
        {
            if (lease.ExpiresAt <= now)
                leases.Remove(id);
        }
    }
}
