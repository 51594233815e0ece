using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Direct;

/// <summary>What the policy is held to in each iteration.</summary>
public enum OnlineReference
{
    /// <summary>π_0, the policy of the very start, which bounds the drift over all iterations.</summary>
    Initial,

    /// <summary>
    /// The policy at the iteration's start, as in the released script of RLHF Workflow; drift adds up.
    /// </summary>
    IterationStart,
}

/// <summary>
/// Settings of <see cref="OnlineDpoTraining"/>. Defaults suit models of a few million parameters; each says what the
/// script of RLHF Workflow (Dong et al. 2024) takes for 8B models where that differs.
/// </summary>
public sealed record OnlineDpoOptions
{
    /// <summary>Iterations, at least 1.</summary>
    public int Iterations { get; init; } = 3;

    /// <summary>Answers to each prompt, K, at least 2. The paper's report: 8.</summary>
    public int SamplesPerPrompt { get; init; } = 4;

    /// <summary>Most tokens of an answer, at least 1.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Sampling temperature, positive.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Which answers become pairs.</summary>
    public PairSelection Selection { get; init; } = PairSelection.MaxMin;

    /// <summary>
    /// Score taken off per token under <see cref="PairSelection.MaxMinLengthPenalty"/>, zero or positive.
    /// </summary>
    public double LengthPenalty { get; init; } = 0.01;

    /// <summary>What the policy is held to.</summary>
    public OnlineReference Reference { get; init; } = OnlineReference.Initial;

    /// <summary>The loss of a pair. RLHF Workflow smooths labels by 0.1.</summary>
    public PairwiseLoss Loss { get; init; } = new();

    /// <summary>Passes over an iteration's pairs, at least 1.</summary>
    public int Epochs { get; init; } = 2;

    /// <summary>Pairs of a step, at least 1.</summary>
    public int BatchPairs { get; init; } = 16;

    /// <summary>Pairs of one forward and backward pass; 0 is the whole step.</summary>
    public int MicroBatchPairs { get; init; }

    /// <summary>Peak learning rate of each iteration, positive. RLHF Workflow: 5e-7.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>How the rate goes within an iteration.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>Share of an iteration's steps that warm up, 0 to 1.</summary>
    public double WarmupShare { get; init; } = 0.03;

    /// <summary>Settings of the optimiser, which starts anew in each iteration.</summary>
    public AdamWOptions Optimiser { get; init; } = new();

    /// <summary>Fixes all draws.</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// The run has diverged once the policy's KL divergence from π_0, per token of its own answers, is above this in
    /// nats; null is off.
    /// </summary>
    public double? MaxKlPerToken { get; init; } = 1;

    /// <summary>See <see cref="DpoOptions.MaxChosenDropPerToken"/>.</summary>
    public double? MaxChosenDropPerToken { get; init; } = 3;

    /// <summary>Steps between two checkpoints within an iteration, at least 1.</summary>
    public int CheckpointEvery { get; init; } = 50;

    /// <summary>The settings of one iteration's training.</summary>
    internal DpoOptions Update(int pairs, int iteration)
    {
        var steps = Math.Max(1, (int)Math.Ceiling(pairs * (double)Epochs / BatchPairs));
        return new DpoOptions
        {
            Steps = steps,
            Schedule = new LearningRateSchedule(Schedule, LearningRate, steps, (int)(WarmupShare * steps)),
            Loss = Loss,
            BatchPairs = BatchPairs,
            MicroBatchPairs = MicroBatchPairs,
            Optimiser = Optimiser,
            Seed = unchecked((int)RolloutSeeds.Of(Seed, iteration)),
            MaxChosenDropPerToken = MaxChosenDropPerToken,
            CheckpointEvery = CheckpointEvery,
        };
    }

    internal void Validate()
    {
        Require(Iterations >= 1, nameof(Iterations), "at least 1");
        Require(SamplesPerPrompt >= 2, nameof(SamplesPerPrompt), "at least 2, as a pair is drawn from them");
        Require(MaxTokens >= 1, nameof(MaxTokens), "at least 1");
        Require(Temperature > 0 && double.IsFinite(Temperature), nameof(Temperature), "positive");
        Require(Enum.IsDefined(Selection), nameof(Selection), "a known rule");
        Require(LengthPenalty >= 0 && double.IsFinite(LengthPenalty), nameof(LengthPenalty), "zero or positive");
        Require(Enum.IsDefined(Reference), nameof(Reference), "a known one");
        Require(Epochs >= 1, nameof(Epochs), "at least 1");
        Require(LearningRate > 0 && double.IsFinite(LearningRate), nameof(LearningRate), "positive");
        Require(WarmupShare is >= 0 and <= 1, nameof(WarmupShare), "0 to 1");
        Require(MaxKlPerToken is null or > 0, nameof(MaxKlPerToken), "positive, or null for off");
        Update(1, 1).Validate();

        static void Require(bool holds, string name, string rule)
        {
            if (!holds)
                throw new ArgumentException($"{nameof(OnlineDpoOptions)}.{name} must be {rule}.");
        }
    }
}

/// <summary>What a policy is trained in: where prompts come from, who samples, who scores, and hooks.</summary>
public sealed record OnlineDpoEnvironment
{
    /// <summary>Content hash of the base, for the experts that are handed to <see cref="Rollouts"/>.</summary>
    public required string BaseHash { get; init; }

    /// <summary>
    /// The prompts of an iteration, numbered from 1: a function of its number alone, at least one prompt.
    /// </summary>
    public required Func<int, IReadOnlyList<RolloutPrompt>> Prompts { get; init; }

    /// <summary>Samples answers from the current policy.</summary>
    public required IRolloutSource Rollouts { get; init; }

    /// <summary>Scores answers.</summary>
    public required IRewardSource Reward { get; init; }

    /// <summary>The metric that decides what is wanted, logged beside the reward; the policy never sees it.</summary>
    public Func<Rollout, double>? Gold { get; init; }

    /// <summary>Awaited between batches, so that a training beside serving can let users go first.</summary>
    public Func<CancellationToken, ValueTask>? BetweenBatches { get; init; }
}

/// <summary>Where a run keeps its state; a run that finds some goes on from there.</summary>
/// <param name="Folder">The run's own folder; made where missing.</param>
/// <param name="Fingerprint">Names prompts, start and whatever else the settings do not say.</param>
public sealed record OnlineDpoFiles(string Folder, string Fingerprint)
{
    /// <summary>The state between iterations, replaced atomically.</summary>
    public string StatePath => Path.Combine(Folder, "state.safetensors");

    /// <summary>The metrics, one JSON line a step.</summary>
    public string MetricsPath => Path.Combine(Folder, "metrics.jsonl");

    /// <summary>The state within an iteration.</summary>
    internal string UpdatePath(int iteration) => Path.Combine(Folder, $"iteration-{iteration}.safetensors");
}

/// <summary>A run that has ended; numbers include what was done before the run was resumed.</summary>
/// <param name="Iterations">Iterations done.</param>
/// <param name="Steps">Updates of all iterations.</param>
/// <param name="Pairs">Pairs learned from.</param>
/// <param name="Episodes">Answers sampled.</param>
/// <param name="Tokens">Tokens of these answers.</param>
/// <param name="GenerationSeconds">Seconds spent sampling.</param>
/// <param name="ScoringSeconds">Seconds spent on rewards and divergences.</param>
/// <param name="UpdateSeconds">Seconds spent in updates.</param>
public sealed record OnlineDpoResult(
    int Iterations,
    int Steps,
    long Pairs,
    long Episodes,
    long Tokens,
    double GenerationSeconds,
    double ScoringSeconds,
    double UpdateSeconds);
