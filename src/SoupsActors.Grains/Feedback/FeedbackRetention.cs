using Microsoft.Extensions.Options;
using SoupsActors.Grains.Storage;

namespace SoupsActors.Grains.Feedback;

/// <summary>Deletes feedback that was kept long enough, where the settings say how long that is.</summary>
public sealed class FeedbackRetention
{
    private readonly IFeedbackStore store;
    private readonly IOptions<StorageOptions> options;
    private readonly TimeProvider clock;

    internal FeedbackRetention(IFeedbackStore store, IOptions<StorageOptions> options, TimeProvider clock)
    {
        this.store = store;
        this.options = options;
        this.clock = clock;
    }

    /// <summary>Deletes it; returns how many events that were.</summary>
    public async Task<int> PruneAsync(CancellationToken cancellationToken = default)
    {
        if (options.Value.FeedbackRetention is not { } retention)
            return 0;
        var all = 0;
        for (var more = true; more;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (var deleted, more) = await store.PruneAsync(clock.GetUtcNow() - retention);
            all += deleted;
        }

        return all;
    }
}
