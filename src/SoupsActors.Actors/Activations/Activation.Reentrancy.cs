namespace SoupsActors.Actors;

/// <summary>Chains of calls that may come back to this grain while it waits for them.</summary>
internal sealed partial class Activation
{
    private bool anythingInterleaves;

    /// <inheritdoc/>
    public void OnEnterReentrantSection(Guid reentrancyId)
    {
        var chains = Parts.ReentrantChains ??= [];
        chains[reentrancyId] = chains.GetValueOrDefault(reentrancyId) + 1;
        anythingInterleaves = true;
    }

    /// <inheritdoc/>
    public void OnExitReentrantSection(Guid reentrancyId)
    {
        if (Parts.ReentrantChains is not { } chains || !chains.TryGetValue(reentrancyId, out var entered))
            return;
        if (entered > 1)
            chains[reentrancyId] = entered - 1;
        else
            chains.Remove(reentrancyId);
    }

    /// <summary>Says that some waiting turns may start before the first one, so that all must be looked at.</summary>
    internal void ExpectInterleaving() => anythingInterleaves = true;

    private bool IsOfReentrantChain(Call call) =>
        parts?.ReentrantChains is { Count: > 0 } chains
        && call.Values is { } values
        && values.TryGetValue(CallFlow.ReentrancyKey, out var id)
        && id is Guid chain
        && chains.ContainsKey(chain);
}
