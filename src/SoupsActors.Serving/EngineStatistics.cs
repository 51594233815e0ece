using System.Collections.Immutable;

namespace SoupsActors.Serving;

/// <summary>What an engine is doing, as of its last step.</summary>
public readonly record struct EngineStatistics
{
    /// <summary>Requests that wait for a place.</summary>
    public int QueueLength { get; init; }

    /// <summary>Rows that hold a place in the cache, parked ones included.</summary>
    public int RunningRows { get; init; }

    /// <summary>Rows of background requests among the running ones.</summary>
    public int BackgroundRows { get; init; }

    /// <summary>Rows that wait for their reader.</summary>
    public int ParkedRows { get; init; }

    /// <summary>Sequences in the last step.</summary>
    public int LastBatchRows { get; init; }

    /// <summary>Tokens in the last step, prompts included.</summary>
    public int LastBatchTokens { get; init; }

    /// <summary>Different mixes in the last step.</summary>
    public int LastBatchMixes { get; init; }

    /// <summary>Unused blocks of the key/value cache.</summary>
    public int FreeBlocks { get; init; }

    /// <summary>All blocks of the key/value cache.</summary>
    public int TotalBlocks { get; init; }

    /// <summary>Experts that the model holds.</summary>
    public int ResidentExperts { get; init; }

    /// <summary>Content hashes of <see cref="ResidentExperts"/>; default before the first step.</summary>
    public ImmutableArray<string> ResidentHashes { get; init; }

    /// <summary>Resident experts that running rows need; the others may make room.</summary>
    public int LeasedExperts { get; init; }

    /// <summary>Steps since the start.</summary>
    public long Steps { get; init; }

    /// <summary>Tokens generated since the start.</summary>
    public long GeneratedTokens { get; init; }

    /// <summary>Generated tokens per second over the last ten seconds.</summary>
    public double TokensPerSecond { get; init; }
}
