using Orleans.Concurrency;

namespace SoupsActors.Trainings;

/// <summary>
/// Makes new versions of one preference's expert out of feedback, one training at a time. The key is the preference's
/// id. A training goes on where it was when the process ends, however it ends.
/// </summary>
public interface ITrainerGrain : IGrainWithStringKey
{
    /// <summary>Starts a training.</summary>
    /// <param name="request">What it is to do.</param>
    /// <param name="operationId">Names the start; sent again, it starts nothing new.</param>
    /// <exception cref="SoupsException">The preference is unknown, a setting is out of range, or a training of this
    /// preference has not ended.</exception>
    Task<TrainingStatus> Start(TrainingRequest request, string operationId);

    /// <summary>The newest training, or null where there was none.</summary>
    [AlwaysInterleave]
    Task<TrainingStatus?> Describe();

    /// <summary>The trainings before the newest, newest first; only the last ones are kept.</summary>
    [AlwaysInterleave]
    Task<TrainingStatus[]> Earlier();

    /// <summary>Stops the work after the step at hand until it is resumed; nothing is lost.</summary>
    /// <exception cref="SoupsException">No training is under way.</exception>
    Task<TrainingStatus> Pause(string operationId);

    /// <summary>Goes on with a paused training, or tries again with a failed one, from its last checkpoint.</summary>
    /// <exception cref="SoupsException">The training is neither paused nor failed.</exception>
    Task<TrainingStatus> Resume(string operationId);

    /// <summary>Ends the training; nothing is published.</summary>
    /// <exception cref="SoupsException">No training is under way, or its version is being published.</exception>
    Task<TrainingStatus> Cancel(string operationId);

    /// <summary>
    /// The training as it is and everything that happens from now on, to its end. A reader that is slow misses steps,
    /// never a change of state.
    /// </summary>
    /// <exception cref="SoupsException">There was no training.</exception>
    [ResponseTimeout(TrainerTimeouts.News)]
    IAsyncEnumerable<TrainingNews> Watch(CancellationToken cancellationToken = default);

    /// <summary>What the newest training has measured, step by step.</summary>
    /// <exception cref="SoupsException">There was no training.</exception>
    IAsyncEnumerable<TrainingProgress> Metrics(CancellationToken cancellationToken = default);
}

/// <summary>How long callers of trainers wait.</summary>
public static class TrainerTimeouts
{
    /// <summary>How long a reader waits for the next news: a step may take long beside serving.</summary>
    public const string News = "12:00:00";
}
