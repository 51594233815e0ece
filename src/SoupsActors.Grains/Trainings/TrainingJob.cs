using SoupsActors.Experts;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Trainings;

/// <summary>One phase of a training as a device gets it. All it needs is here or in the training's folder.</summary>
internal sealed record TrainingJob
{
    /// <summary>Names this submission; reports carry it, so that those of an earlier one can be told apart.</summary>
    public required string Run { get; init; }

    /// <summary>The training as it stands.</summary>
    public required TrainingStatus Training { get; init; }

    /// <summary>The version to compare with; null for the base model.</summary>
    public ExpertVersion? Opponent => Training.Parent;

    /// <summary>Seconds of work left, null for no limit; 0 or less ends a policy where it is.</summary>
    public double? SecondsLeft => Training.Request.Minutes is { } minutes
        ? minutes * 60 - Training.WorkedSeconds
        : null;
}

/// <summary>How a phase ended on the device.</summary>
internal enum StageEnd
{
    /// <summary>Its result is there.</summary>
    Completed,

    /// <summary>It was told to stop; it can go on from its checkpoint.</summary>
    Stopped,

    /// <summary>Something failed that may not fail again: a full disk, a device that was lost.</summary>
    Failed,

    /// <summary>Trying again would end the same way: too little data, a loss that is not finite.</summary>
    Impossible,
}

/// <summary>What a device reports at the end of a phase.</summary>
[GenerateSerializer, Immutable]
internal sealed record StageOutcome([property: Id(0)] StageEnd End)
{
    /// <summary>What went wrong, in a sentence that says what to do.</summary>
    [Id(1)]
    public string? Reason { get; init; }

    /// <summary>Seconds that this run worked.</summary>
    [Id(2)]
    public double Seconds { get; init; }

    /// <summary>Result of collecting.</summary>
    [Id(3)]
    public TrainingData? Data { get; init; }

    /// <summary>Result of the reward model's training.</summary>
    [Id(4)]
    public RewardSummary? Reward { get; init; }

    /// <summary>Result of the policy's training.</summary>
    [Id(5)]
    public PolicySummary? Policy { get; init; }

    /// <summary>Result of the evaluation.</summary>
    [Id(6)]
    public EvaluationSummary? Evaluation { get; init; }

    /// <summary>The phase that ended; null from a device that does not say.</summary>
    [Id(7)]
    public TrainingPhase? Phase { get; init; }

    public static StageOutcome Stopped { get; } = new(StageEnd.Stopped);

    public static StageOutcome Failed(string reason) => new(StageEnd.Failed) { Reason = reason };

    public static StageOutcome Impossible(string reason) => new(StageEnd.Impossible) { Reason = reason };
}

/// <summary>
/// What works on trainings: one phase at a time, the others wait in the order they came. It reports to the trainer
/// grain of the training's preference through <see cref="ITrainerInbox"/>.
/// </summary>
internal interface ITrainingDevice
{
    /// <summary>
    /// Works on the training's phase as soon as the device is free. Where it works on that phase or has it waiting, it
    /// only takes over the new name of the run. What it still has of the training's other phases it stops.
    /// </summary>
    void Submit(TrainingJob job);

    /// <summary>Stops what it does for a training after the step at hand, or forgets it where it waits.</summary>
    /// <param name="training">Id of the training.</param>
    /// <param name="discard">Nothing of it is needed any more: its checkpoints are deleted, its metrics kept.</param>
    void Stop(string training, bool discard);

    /// <summary>What a training has measured so far.</summary>
    IAsyncEnumerable<TrainingProgress> ReadMetricsAsync(string training, CancellationToken cancellationToken);
}

/// <summary>Where a trainer hears from its device, and from the start of the process.</summary>
internal interface ITrainerInbox : IGrainWithStringKey
{
    /// <summary>A step was done.</summary>
    /// <param name="run">The submission it belongs to.</param>
    /// <param name="progress">The step.</param>
    /// <param name="seconds">Seconds that this run has worked so far.</param>
    Task Progressed(string run, TrainingProgress progress, double seconds);

    /// <summary>A phase ended.</summary>
    Task Ended(string run, StageOutcome outcome);

    /// <summary>The process has started, or a reminder is due: goes on with what is unfinished.</summary>
    Task Wake();
}
