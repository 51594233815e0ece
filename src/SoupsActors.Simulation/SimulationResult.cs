namespace SoupsActors.Simulation;

/// <summary>
/// What a run found. Counts of requests are of the whole run; all else is measured after the warm-up and until the last
/// request was sent.
/// </summary>
public sealed record SimulationResult
{
    /// <summary>Requests sent.</summary>
    public required long Sent { get; init; }

    /// <summary>Requests answered to the end.</summary>
    public required long Answered { get; init; }

    /// <summary>Requests refused because every queue that was asked was full.</summary>
    public required long Refused { get; init; }

    /// <summary>Refused of those sent after the warm-up, as a share.</summary>
    public required double RefusedShare { get; init; }

    /// <summary>Simulated seconds that were measured.</summary>
    public required double Seconds { get; init; }

    /// <summary>Answers a second over all silos.</summary>
    public required double AnswersPerSecond { get; init; }

    /// <summary>Tokens a second over all silos.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>From request to a place in the batch: experts that come, and the queue.</summary>
    public required Latency Wait { get; init; }

    /// <summary>From request to the first token.</summary>
    public required Latency FirstToken { get; init; }

    /// <summary>From request to the end of the answer.</summary>
    public required Latency Answer { get; init; }

    /// <summary>Experts looked for in memory.</summary>
    public required long Lookups { get; init; }

    /// <summary>Experts that had to come over the network.</summary>
    public required long Misses { get; init; }

    /// <summary>Misses as a share of lookups.</summary>
    public required double MissShare { get; init; }

    /// <summary>Bytes that came over the network: misses × size.</summary>
    public required double BytesMoved { get; init; }

    /// <summary>Bytes a second over the network to a silo, on average.</summary>
    public required double BytesPerSecond { get; init; }

    /// <summary>Bytes a second over the network to the silo that took most.</summary>
    public required double PeakBytesPerSecond { get; init; }

    /// <summary>Experts brought to devices from memory, as a share of those that requests needed.</summary>
    public required double LoadShare { get; init; }

    /// <summary>Mean rows that a silo decodes.</summary>
    public required double MeanRows { get; init; }

    /// <summary>Mean requests that wait at a silo.</summary>
    public required double MeanWaiting { get; init; }

    /// <summary>Share of the time in which a device runs, on average.</summary>
    public required double Busy { get; init; }

    /// <summary>Requests at the busiest silo beside the average, both averaged over time.</summary>
    public required double Imbalance { get; init; }

    /// <summary>Requests at the fullest silo beside the average at that moment, averaged over moments.</summary>
    public required double MomentaryImbalance { get; init; }

    /// <summary>Share of the answers that each silo gave, for clusters of up to 16.</summary>
    public required IReadOnlyList<double> SiloShares { get; init; }

    /// <summary>Device memory of a silo: base, slots, keys and values.</summary>
    public required double DeviceBytes { get; init; }

    /// <summary>Memory of the silo that held most experts.</summary>
    public required double MemoryBytes { get; init; }

    /// <summary>
    /// Users whose grains are in memory once the cluster has run for long at this rate, over all gateways: computed from
    /// how often each asks, for it takes longer than a run.
    /// </summary>
    public required double ActiveUsers { get; init; }

    /// <summary>Memory of their grains, over all gateways.</summary>
    public required double UserBytes { get; init; }
}
