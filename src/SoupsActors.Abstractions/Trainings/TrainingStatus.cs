using System.Text.Json.Serialization;
using SoupsActors.Experts;

namespace SoupsActors.Trainings;

/// <summary>Where a training is on its way.</summary>
public enum TrainingPhase
{
    /// <summary>The comparisons are read and fixed.</summary>
    Collecting,

    /// <summary>A reward model learns from them.</summary>
    RewardModel,

    /// <summary>The policy learns.</summary>
    Policy,

    /// <summary>The new version is compared with the current one.</summary>
    Evaluation,

    /// <summary>The new version has won and becomes the expert's next one.</summary>
    Publishing,

    /// <summary>The end: the new version is part of the expert.</summary>
    Published,

    /// <summary>The end: the new version was not good enough; the reason says why.</summary>
    Rejected,

    /// <summary>
    /// The end: something failed; the reason says what. Resuming tries again from the last checkpoint.
    /// </summary>
    Failed,

    /// <summary>The end: somebody stopped it.</summary>
    Cancelled,
}

/// <summary>What a training is doing now.</summary>
public enum TrainingActivity
{
    /// <summary>It waits for the device, or for its next attempt.</summary>
    Waiting,

    /// <summary>The device works on it.</summary>
    Running,

    /// <summary>Somebody paused it.</summary>
    Paused,

    /// <summary>It has ended.</summary>
    Ended,
}

/// <summary>A training of a preference's expert.</summary>
[GenerateSerializer, Immutable]
public sealed record TrainingStatus
{
    /// <summary>Names the training: the preference and a number, such as <c>P1A-3</c>.</summary>
    [Id(0)]
    public string Id { get; init; } = "";

    /// <summary>The preference.</summary>
    [Id(1)]
    public string Preference { get; init; } = "";

    /// <summary>The expert that gets the new version.</summary>
    [Id(2)]
    public string Expert { get; init; } = "";

    /// <summary>What it is to do.</summary>
    [Id(3)]
    public TrainingRequest Request { get; init; } = new();

    /// <summary>Where it is.</summary>
    [Id(4)]
    public TrainingPhase Phase { get; init; }

    /// <summary>What it is doing.</summary>
    [Id(5)]
    public TrainingActivity Activity { get; init; }

    /// <summary>Whether it was started by new feedback rather than by hand.</summary>
    [Id(6)]
    public bool Automatic { get; init; }

    /// <summary>When it was asked for.</summary>
    [Id(7)]
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    [Id(8)]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it ended, or what went wrong in the last attempt.</summary>
    [Id(9)]
    public string? Reason { get; init; }

    /// <summary>Failed attempts of the present phase.</summary>
    [Id(10)]
    public int Failures { get; init; }

    /// <summary>When the next attempt begins after a failed one.</summary>
    [Id(11)]
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>The phase that a failed training goes on with when it is resumed.</summary>
    [Id(12)]
    public TrainingPhase? FailedIn { get; init; }

    /// <summary>Seconds of work so far.</summary>
    [Id(13)]
    public double WorkedSeconds { get; init; }

    /// <summary>How far the present phase has come.</summary>
    [Id(14)]
    public TrainingProgress? Progress { get; init; }

    /// <summary>The version that is to be beaten, and may be started from; null where the expert had none.</summary>
    [Id(15)]
    public ExpertVersion? Parent { get; init; }

    /// <summary>What it learns from, once collected.</summary>
    [Id(16)]
    public TrainingData? Data { get; init; }

    /// <summary>The reward model, once trained.</summary>
    [Id(17)]
    public RewardSummary? Reward { get; init; }

    /// <summary>The policy, once trained.</summary>
    [Id(18)]
    public PolicySummary? Policy { get; init; }

    /// <summary>The comparison with the current version, once made.</summary>
    [Id(19)]
    public EvaluationSummary? Evaluation { get; init; }

    /// <summary>Number of the version it published.</summary>
    [Id(20)]
    public int? Version { get; init; }

    /// <summary>Position of the newest feedback that it learns from.</summary>
    [Id(21)]
    public long Through { get; init; }

    /// <summary>What a judge compares answers by.</summary>
    [Id(22)]
    public string Criterion { get; init; } = "";

    /// <summary>Whether it has ended.</summary>
    [JsonIgnore]
    public bool IsOver => Phase >= TrainingPhase.Published;
}

/// <summary>How far a phase has come.</summary>
/// <param name="Phase">The phase.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all; 0 where unknown.</param>
/// <param name="Metrics">What the last step measured, by the usual names such as <c>objective/kl</c>.</param>
[GenerateSerializer, Immutable]
public sealed record TrainingProgress(
    [property: Id(0)] TrainingPhase Phase,
    [property: Id(1)] int Step,
    [property: Id(2)] int Steps,
    [property: Id(3)] Dictionary<string, double> Metrics);

/// <summary>News of a training: a step was done, or, where <see cref="Status"/> is set, its state changed.</summary>
[GenerateSerializer, Immutable]
public sealed record TrainingNews
{
    /// <summary>A step.</summary>
    [Id(0)]
    public TrainingProgress? Progress { get; init; }

    /// <summary>The state as it is now.</summary>
    [Id(1)]
    public TrainingStatus? Status { get; init; }
}
