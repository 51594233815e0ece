using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Learning.Supervised;
using SoupsActors.Learning.Training;

namespace SoupsActors.Learning.Policy;

/// <summary>What a policy is trained in: where prompts come from, who samples, who scores, and hooks.</summary>
public sealed record PpoEnvironment
{
    /// <summary>Content hash of the base, for the experts that are handed to <see cref="Rollouts"/>.</summary>
    public required string BaseHash { get; init; }

    /// <summary>The prompts of a step, numbered from 1: a function of the step alone, at least one prompt.</summary>
    public required Func<int, IReadOnlyList<RolloutPrompt>> Prompts { get; init; }

    /// <summary>Samples answers from the current policy.</summary>
    public required IRolloutSource Rollouts { get; init; }

    /// <summary>Scores answers.</summary>
    public required IRewardSource Reward { get; init; }

    /// <summary>The metric that decides what is wanted, logged beside the reward; the policy never sees it.</summary>
    public Func<Rollout, double>? Gold { get; init; }

    /// <summary>Which of several answers to a prompt are learned from.</summary>
    public ISampleFilter Filter { get; init; } = SampleFilters.None;

    /// <summary>
    /// Supervised examples for the ptx term (Ouyang et al. 2022, equation 2), a function of the step and of the number
    /// of the mini-batch in it, from 0; needed where <see cref="PpoOptions.PretrainingWeight"/> is not 0.
    /// </summary>
    public Func<int, int, IReadOnlyList<TrainingExample>>? Pretraining { get; init; }

    /// <summary>
    /// Asked in every step once the answers are measured and before the policy is updated: true ends the run with the
    /// policy that was measured. It should look at the step's metrics alone, so that a resumed run ends alike.
    /// </summary>
    public Func<TrainingMetrics, bool>? StopWhen { get; init; }

    /// <summary>Awaited between mini-batches, so that a training beside serving can let users go first.</summary>
    public Func<CancellationToken, ValueTask>? BetweenBatches { get; init; }
}

/// <summary>Where a run keeps its state; a run that finds some goes on from there.</summary>
/// <param name="Folder">The run's own folder; made where missing.</param>
/// <param name="Fingerprint">Names prompts, gold and whatever else the settings do not say.</param>
public sealed record PpoFiles(string Folder, string Fingerprint)
{
    /// <summary>The state, replaced atomically.</summary>
    public string StatePath => Path.Combine(Folder, "state.safetensors");

    /// <summary>The metrics, one JSON line a step.</summary>
    public string MetricsPath => Path.Combine(Folder, "metrics.jsonl");
}

/// <summary>Why a run ended without an error.</summary>
public enum PpoEnd
{
    /// <summary>All steps are done.</summary>
    Completed,

    /// <summary><see cref="PpoEnvironment.StopWhen"/> said so.</summary>
    Stopped,
}

/// <summary>A run that has ended; numbers include what was done before the run was resumed.</summary>
/// <param name="End">Why it ended.</param>
/// <param name="Steps">Updates done.</param>
/// <param name="Metrics">What was measured last; null where nothing was.</param>
/// <param name="Episodes">Answers sampled.</param>
/// <param name="Tokens">Tokens of these answers.</param>
/// <param name="GenerationSeconds">Seconds spent sampling.</param>
/// <param name="ScoringSeconds">Seconds spent on rewards, log-probabilities and values.</param>
/// <param name="UpdateSeconds">Seconds spent in updates.</param>
public sealed record PpoResult(
    PpoEnd End,
    int Steps,
    TrainingMetrics? Metrics,
    long Episodes,
    long Tokens,
    double GenerationSeconds,
    double ScoringSeconds,
    double UpdateSeconds);
