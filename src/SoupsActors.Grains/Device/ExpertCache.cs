using SoupsActors.Experts;
using SoupsActors.Grains.Experts;
using SoupsActors.Models.Experts;

namespace SoupsActors.Grains.Device;

/// <summary>
/// Experts in memory by content hash. Requests that want the same one while it is read wait for one reading; beyond the
/// capacity those go first that nobody asked for the longest.
/// </summary>
internal sealed class ExpertCache(ExpertStore store, IExpertFiles files, int capacity)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Task<Expert>> experts = new(StringComparer.Ordinal);
    private readonly LinkedList<string> byUse = [];

    /// <summary>The expert that a lease names.</summary>
    /// <exception cref="SoupsException">The weights are gone, damaged, or do not fit the model.</exception>
    public async Task<Expert> GetAsync(ExpertLease lease)
    {
        var loading = Find(lease);
        try
        {
            return await loading;
        }
        catch
        {
            // The next request tries again: the file may have been put back.
            Forget(lease.Hash, loading);
            throw;
        }
    }

    private Task<Expert> Find(ExpertLease lease)
    {
        lock (gate)
        {
            if (experts.TryGetValue(lease.Hash, out var known))
            {
                byUse.Remove(lease.Hash);
            }
            else
            {
                known = Task.Run(() => LoadAsync(lease));
                experts.Add(lease.Hash, known);
            }

            byUse.AddLast(lease.Hash);
            while (experts.Count > capacity)
            {
                experts.Remove(byUse.First!.Value);
                byUse.RemoveFirst();
            }

            return known;
        }
    }

    private async Task<Expert> LoadAsync(ExpertLease lease)
    {
        await files.EnsureAsync(lease.Hash);
        return store.Load(lease);
    }

    private void Forget(string hash, Task<Expert> loading)
    {
        lock (gate)
        {
            if (experts.TryGetValue(hash, out var current) && current == loading)
            {
                experts.Remove(hash);
                byUse.Remove(hash);
            }
        }
    }
}
