namespace SoupsActors.Cluster;

/// <summary>What the cluster does.</summary>
/// <param name="At">When this was put together.</param>
/// <param name="Silos">All that were heard of lately, by machine and process.</param>
/// <param name="Activations">Grains in memory by grain class, over the whole cluster.</param>
/// <param name="Recent">All silos together over the last minute.</param>
/// <param name="History">All silos together over the last hour in spans of half a minute, oldest first.</param>
[GenerateSerializer, Immutable]
public sealed record ClusterReport(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] SiloSummary[] Silos,
    [property: Id(2)] Dictionary<string, int> Activations,
    [property: Id(3)] ServingFigures Recent,
    [property: Id(4)] ServingFigures[] History);

/// <summary>A silo as others see it.</summary>
/// <param name="Identity">Who it is.</param>
/// <param name="State">What it told last.</param>
/// <param name="HeardAt">When it did.</param>
/// <param name="IsSilent">Whether it is overdue: stopped, or cut off.</param>
/// <param name="Recent">What it did in the last minute.</param>
[GenerateSerializer, Immutable]
public sealed record SiloSummary(
    [property: Id(0)] SiloIdentity Identity,
    [property: Id(1)] SiloState State,
    [property: Id(2)] DateTimeOffset HeardAt,
    [property: Id(3)] bool IsSilent,
    [property: Id(4)] ServingFigures Recent);

/// <summary>Figures of serving over a span of time; null where nothing happened that could be measured.</summary>
[GenerateSerializer, Immutable]
public sealed record ServingFigures
{
    /// <summary>Beginning of the span.</summary>
    [Id(0)]
    public DateTimeOffset Start { get; init; }

    /// <summary>Requests to the HTTP API that ended, a second.</summary>
    [Id(1)]
    public double RequestsPerSecond { get; init; }

    /// <summary>Share of them that the server failed at, 0 to 1.</summary>
    [Id(2)]
    public double? ErrorShare { get; init; }

    /// <summary>Answers that devices ended, a second.</summary>
    [Id(3)]
    public double AnswersPerSecond { get; init; }

    /// <summary>Share of them that devices failed at, 0 to 1.</summary>
    [Id(4)]
    public double? FailedAnswerShare { get; init; }

    /// <summary>Tokens generated a second.</summary>
    [Id(5)]
    public double TokensPerSecond { get; init; }

    /// <summary>Tokens of prompts processed a second.</summary>
    [Id(6)]
    public double PromptTokensPerSecond { get; init; }

    /// <summary>Longest queue of a silo.</summary>
    [Id(7)]
    public int QueueLength { get; init; }

    /// <summary>Rows of a step, on average.</summary>
    [Id(8)]
    public double? BatchRows { get; init; }

    /// <summary>Different mixes of a step, on average.</summary>
    [Id(9)]
    public double? BatchMixes { get; init; }

    /// <summary>Time from a request to its first token.</summary>
    [Id(10)]
    public Percentiles? FirstToken { get; init; }

    /// <summary>Time between the tokens of an answer.</summary>
    [Id(11)]
    public Percentiles? PerToken { get; init; }

    /// <summary>Share of the experts that requests needed and the device did not hold yet, 0 to 1.</summary>
    [Id(12)]
    public double? ExpertLoadShare { get; init; }
}

/// <summary>What half, most and nearly all durations do not exceed, in seconds, each to about a tenth.</summary>
/// <param name="P50">Half.</param>
/// <param name="P95">95 of 100.</param>
/// <param name="P99">99 of 100.</param>
[GenerateSerializer, Immutable]
public sealed record Percentiles(
    [property: Id(0)] double P50, [property: Id(1)] double P95, [property: Id(2)] double P99);
