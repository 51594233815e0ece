using Microsoft.Extensions.Options;
using SoupsActors.Experts;
using SoupsActors.Preferences;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Experts;

/// <summary>Tells which weights are in use anywhere in the cluster.</summary>
public interface IExpertUse
{
    /// <summary>Content hashes of all versions of all experts, pinned or not, and of what trainings start from.</summary>
    Task<IReadOnlySet<string>> HashesAsync();
}

/// <summary>The uses that grains know.</summary>
public sealed class GrainExpertUse(IGrainFactory grains) : IExpertUse
{
    /// <inheritdoc/>
    public async Task<IReadOnlySet<string>> HashesAsync()
    {
        var experts = await grains.GetGrain<IExpertRegistryGrain>(IExpertRegistryGrain.Key).List();
        var preferences = await grains.GetGrain<IPreferenceCatalogGrain>(IPreferenceCatalogGrain.Key).List();
        var trainings = await Task.WhenAll(preferences.Select(p => grains.GetGrain<ITrainerGrain>(p.Id).Describe()));
        return experts.SelectMany(expert => expert.Versions)
            .Concat(trainings.Select(training => training?.Parent).OfType<ExpertVersion>())
            .Select(version => version.Hash)
            .ToHashSet(StringComparer.Ordinal);
    }
}

/// <summary>
/// Deletes weights that nobody uses. Those that became unused are kept for a while, longer than a lease lasts, so that a
/// request that was granted them finds them; those that somebody registers or asks for meanwhile stay.
/// </summary>
public sealed class ExpertCollector(
    ExpertStore store, IExpertUse uses, IOptions<ExpertFileOptions> options, TimeProvider clock)
{
    private readonly Dictionary<string, DateTimeOffset> unusedSince = new(StringComparer.Ordinal);

    /// <summary>
    /// Looks once; call it again and again, for what it finds unused now is deleted by a later look. A failure to learn
    /// what is in use deletes nothing.
    /// </summary>
    /// <returns>How many folders were deleted.</returns>
    public async Task<int> CollectAsync(CancellationToken cancellationToken = default)
    {
        // In this order: what is registered after the look at the folders cannot be among them, or is touched.
        var before = clock.GetUtcNow() - options.Value.UnusedRetention;
        var known = store.Hashes();
        var used = await uses.HashesAsync();
        foreach (var hash in unusedSince.Keys.Where(hash => used.Contains(hash) || !known.Contains(hash)).ToArray())
            unusedSince.Remove(hash);
        var deleted = 0;
        foreach (var hash in known.Where(hash => !used.Contains(hash)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            unusedSince.TryAdd(hash, clock.GetUtcNow());
            if (unusedSince[hash] <= before && store.TryRemove(hash, before))
                deleted++;
        }

        store.RemoveLeftovers(before);
        return deleted;
    }
}
