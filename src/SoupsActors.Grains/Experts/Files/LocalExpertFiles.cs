namespace SoupsActors.Grains.Experts;

/// <summary>Weights that are here or nowhere.</summary>
internal sealed class LocalExpertFiles(ExpertStore store) : IExpertFiles
{
    public Task<string> EnsureAsync(string hash, CancellationToken cancellationToken = default) =>
        Task.FromResult(store.Find(hash) ?? throw ExpertStore.Gone(hash));
}
