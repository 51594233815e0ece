namespace SoupsActors.Cluster;

/// <summary>What a silo tells of itself.</summary>
/// <param name="Identity">Who it is.</param>
/// <param name="State">What it is doing.</param>
/// <param name="Buckets">What it did, in spans of ten seconds, oldest first; the last one may still fill.</param>
/// <param name="Details">How it is run, where that was asked for.</param>
[GenerateSerializer, Immutable]
public sealed record SiloReport(
    [property: Id(0)] SiloIdentity Identity,
    [property: Id(1)] SiloState State,
    [property: Id(2)] SiloBucket[] Buckets,
    [property: Id(3)] SiloDetails? Details);

/// <summary>A process of the cluster.</summary>
/// <param name="Id">Names this run of it; another after a restart.</param>
/// <param name="Host">The machine's name.</param>
/// <param name="ProcessId">The process on that machine.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="Version">Version of the program.</param>
/// <param name="Name">What its settings call it.</param>
/// <param name="Roles">What it is there for, such as <c>gateway,generator</c>.</param>
[GenerateSerializer, Immutable]
public sealed record SiloIdentity(
    [property: Id(0)] string Id,
    [property: Id(1)] string Host,
    [property: Id(2)] int ProcessId,
    [property: Id(3)] DateTimeOffset StartedAt,
    [property: Id(4)] string Version,
    [property: Id(5)] string Name,
    [property: Id(6)] string Roles);

/// <summary>What a silo is doing at the moment.</summary>
[GenerateSerializer, Immutable]
public sealed record SiloState
{
    /// <summary>Why it cannot answer requests, or null when it can.</summary>
    [Id(0)]
    public string? NotReady { get; init; }

    /// <summary>Cores in use since the last report.</summary>
    [Id(1)]
    public double CpuCores { get; init; }

    /// <summary>Cores it may use.</summary>
    [Id(2)]
    public int Cores { get; init; }

    /// <summary>Memory of the process in bytes.</summary>
    [Id(3)]
    public long MemoryBytes { get; init; }

    /// <summary>Memory that the process may use, in bytes.</summary>
    [Id(4)]
    public long MemoryLimitBytes { get; init; }

    /// <summary>Memory of managed objects in bytes.</summary>
    [Id(5)]
    public long ManagedBytes { get; init; }

    /// <summary>What computes, such as <c>cpu (AVX-512, 2 threads)</c>; null where nothing does.</summary>
    [Id(6)]
    public string? Device { get; init; }

    /// <summary>Memory that the device's model, experts and cache take, in bytes.</summary>
    [Id(7)]
    public long DeviceBytes { get; init; }

    /// <summary>Name of the model; null where none is loaded.</summary>
    [Id(8)]
    public string? Model { get; init; }

    /// <summary>Experts that the device holds.</summary>
    [Id(9)]
    public int ResidentExperts { get; init; }

    /// <summary>Requests that wait for the device.</summary>
    [Id(10)]
    public int QueueLength { get; init; }

    /// <summary>Rows that hold a place in the key/value cache.</summary>
    [Id(11)]
    public int RunningRows { get; init; }

    /// <summary>Share of the key/value cache in use, 0 to 1.</summary>
    [Id(12)]
    public double CacheUse { get; init; }
}

/// <summary>What a silo did in ten seconds.</summary>
[GenerateSerializer, Immutable]
public sealed record SiloBucket
{
    /// <summary>Length of a span in seconds.</summary>
    public const int Seconds = 10;

    /// <summary>Spans kept: an hour's.</summary>
    public const int Kept = 3600 / Seconds;

    /// <summary>Beginning in seconds since 1970, a multiple of <see cref="Seconds"/>.</summary>
    [Id(0)]
    public long Start { get; init; }

    /// <summary>Requests to the HTTP API that ended.</summary>
    [Id(1)]
    public long Requests { get; init; }

    /// <summary>Those of them that the server failed at (status 500 and above).</summary>
    [Id(2)]
    public long Errors { get; init; }

    /// <summary>Answers that the device ended, and those it failed at.</summary>
    [Id(3)]
    public long Answers { get; init; }

    /// <summary>Answers that the device failed at.</summary>
    [Id(4)]
    public long FailedAnswers { get; init; }

    /// <summary>Tokens generated.</summary>
    [Id(5)]
    public long OutputTokens { get; init; }

    /// <summary>Tokens of prompts processed.</summary>
    [Id(6)]
    public long PromptTokens { get; init; }

    /// <summary>Steps of the device.</summary>
    [Id(7)]
    public long Steps { get; init; }

    /// <summary>Rows of all steps.</summary>
    [Id(8)]
    public long Rows { get; init; }

    /// <summary>Different mixes, summed over all steps.</summary>
    [Id(9)]
    public long Mixes { get; init; }

    /// <summary>Longest queue seen.</summary>
    [Id(10)]
    public int Queue { get; init; }

    /// <summary>Times to the first token as a <see cref="LatencyHistogram"/>; empty without any.</summary>
    [Id(11)]
    public int[] FirstToken { get; init; } = [];

    /// <summary>Times per output token after the first, the same way.</summary>
    [Id(12)]
    public int[] PerToken { get; init; } = [];

    /// <summary>Experts that admitted requests needed.</summary>
    [Id(13)]
    public long ExpertUses { get; init; }

    /// <summary>Those of them that had to be brought to the device.</summary>
    [Id(14)]
    public long ExpertLoads { get; init; }
}
