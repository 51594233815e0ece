namespace Orleans.Core.Internal;

/// <summary>An activation that can let calls of given chains in while it waits.</summary>
public interface ICallChainReentrantGrainContext
{
    /// <summary>From now on calls of the chain may enter.</summary>
    void OnEnterReentrantSection(Guid reentrancyId);

    /// <summary>Takes back one <see cref="OnEnterReentrantSection"/>.</summary>
    void OnExitReentrantSection(Guid reentrancyId);
}
