using System.Runtime.CompilerServices;
using Orleans.Concurrency;
using SoupsActors.Feedback;
using SoupsActors.Grains.Placement;

namespace SoupsActors.Grains.Feedback;

/// <inheritdoc cref="IFeedbackLogGrain"/>
[Reentrant]
[RolePlacement(SiloRoles.Gateway, required: false)]
internal sealed class FeedbackLogGrain(IFeedbackStore store, IInteractionStore interactions) : Grain, IFeedbackLogGrain
{
    private const int PageSize = 256;

    public async IAsyncEnumerable<StoredFeedback> Read(
        FeedbackFilter filter, long after = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        while (!cancellationToken.IsCancellationRequested)
        {
            var page = await store.PageAsync(filter, after, PageSize);
            foreach (var stored in page)
                yield return stored;
            if (page.Count < PageSize)
                yield break;
            after = page[^1].Position;
        }
    }

    public Task<FeedbackCount[]> Count(long after = 0) => store.CountAsync(after);

    public async Task<Interaction?> FindInteraction(string id) =>
        (await interactions.FindAsync([Identifiers.RequireInteraction(id)])).GetValueOrDefault(id);
}
