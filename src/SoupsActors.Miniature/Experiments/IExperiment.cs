using SoupsActors.Miniature.Experiments.More;
using SoupsActors.Miniature.Experiments.Overoptimisation;
using SoupsActors.Miniature.Experiments.PersonalizedSoups;
using SoupsActors.Miniature.Experiments.Rewarded;
using SoupsActors.Miniature.Experiments.Scaling;

namespace SoupsActors.Miniature.Experiments;

/// <summary>
/// A question put to the miniature: a run of trainings and evaluations that ends in a report. Everything random comes
/// from <see cref="ExperimentContext.Seed"/>, so the same seed, settings and thread count give the same results.
/// </summary>
public interface IExperiment
{
    /// <summary>Its name on the command line, such as <c>psoups</c>.</summary>
    string Name { get; }

    /// <summary>One line for help texts and the head of the report.</summary>
    string Description { get; }

    /// <summary>What is measured: models, data, judges, numbers of prompts. A sentence or a few.</summary>
    string Measured { get; }

    /// <summary>What does not follow from it, and must not be read into it. A sentence or a few.</summary>
    string NotClaimed { get; }

    /// <summary>
    /// What a folder of extra data may hold for it, or null where it takes none. What is not given is skipped, visibly.
    /// </summary>
    string? DataDescription => null;

    /// <summary>
    /// Every number that the results depend on, as an object that becomes JSON. It is recorded in the report, and a
    /// folder that holds a run with other settings is refused.
    /// </summary>
    object Settings(bool quick);

    /// <summary>
    /// Runs it. Work worth keeping goes through <see cref="ExperimentContext.StageAsync{T}(string, Func{Task{T}})"/>.
    /// </summary>
    /// <exception cref="OperationCanceledException">
    /// Stopped; finished stages are kept, and the next run goes on.
    /// </exception>
    Task<ExperimentReport> RunAsync(ExperimentContext context, CancellationToken cancellationToken);
}

/// <summary>The experiments there are, in the order of the help text.</summary>
public static class ExperimentCatalog
{
    /// <summary>All experiments with their usual settings.</summary>
    public static IReadOnlyList<IExperiment> All { get; } =
    [
        new PersonalizedSoupsExperiment(),
        new ScalingExperiment(),
        new RewardedExperiment(),
        new MoreExperiment(),
        new OveroptimisationExperiment(),
    ];
}

/// <summary>How far a stage of an experiment has come.</summary>
/// <param name="Stage">Name of the stage.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all, at least 1.</param>
/// <param name="Note">A few words, such as the reward so far, or null.</param>
public sealed record ExperimentProgress(string Stage, int Step, int Steps, string? Note = null);
