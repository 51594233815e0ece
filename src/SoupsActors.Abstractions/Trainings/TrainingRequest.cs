namespace SoupsActors.Trainings;

/// <summary>How the policy learns.</summary>
public enum TrainingMethod
{
    /// <summary>Proximal policy optimisation against a reward model.</summary>
    Ppo,

    /// <summary>Direct preference optimisation on the comparisons themselves.</summary>
    Dpo,
}

/// <summary>Who compares a new version with the current one.</summary>
public enum TrainingJudge
{
    /// <summary>The rules where the server has some for the preference, else a reward model.</summary>
    Auto,

    /// <summary>Programmatic rules; only the packaged preferences have them.</summary>
    Rules,

    /// <summary>
    /// A reward model of the same comparisons, from another seed than the one that the policy learns from.
    /// </summary>
    Reward,

    /// <summary>The language model that the server was given for judging.</summary>
    Chat,
}

/// <summary>What a new version starts from.</summary>
public enum TrainingStart
{
    /// <summary>The expert's current version; the base model where there is none.</summary>
    Current,

    /// <summary>The base model.</summary>
    Base,
}

/// <summary>
/// What a training is to do and what it may cost. Equal requests on equal data, base and version give equal weights.
/// </summary>
[GenerateSerializer, Immutable]
public sealed record TrainingRequest
{
    /// <summary>How the policy learns.</summary>
    [Id(0)]
    public TrainingMethod Method { get; init; }

    /// <summary>Steps of the policy, 1 to 100,000: the budget in steps.</summary>
    [Id(1)]
    public int Steps { get; init; } = 80;

    /// <summary>
    /// Minutes of work of all phases together, more than 0, pauses and waiting not counted; null for no limit. A policy
    /// whose time is over is evaluated as it is.
    /// </summary>
    [Id(2)]
    public double? Minutes { get; init; }

    /// <summary>Steps of the reward model, 1 to 100,000.</summary>
    [Id(3)]
    public int RewardSteps { get; init; } = 150;

    /// <summary>Answers, or pairs, of one step of the policy, 2 to 4096.</summary>
    [Id(4)]
    public int Batch { get; init; } = 32;

    /// <summary>Longest answer in tokens, 1 to 4096.</summary>
    [Id(5)]
    public int MaxTokens { get; init; } = 96;

    /// <summary>Learning rate of the policy; null for the method's own.</summary>
    [Id(6)]
    public double? LearningRate { get; init; }

    /// <summary>Largest mean divergence from the base per token, in nats, more than 0.</summary>
    [Id(7)]
    public double KlBound { get; init; } = 0.5;

    /// <summary>Fewest comparisons to begin with, at least 2.</summary>
    [Id(8)]
    public int MinimumComparisons { get; init; } = 32;

    /// <summary>
    /// Comparisons of versions on held-out prompts, 1 to 10,000. Where there are fewer prompts they are asked again, which
    /// makes a verdict on them no surer.
    /// </summary>
    [Id(9)]
    public int EvaluationPrompts { get; init; } = 64;

    /// <summary>The lower bound of the win rate must lie above this, 0 to 1.</summary>
    [Id(10)]
    public double WinRateAbove { get; init; } = 0.5;

    /// <summary>Who compares.</summary>
    [Id(11)]
    public TrainingJudge Judge { get; init; }

    /// <summary>What the new version starts from.</summary>
    [Id(12)]
    public TrainingStart From { get; init; }

    /// <summary>Seed of everything that is drawn.</summary>
    [Id(13)]
    public long Seed { get; init; } = 1;

    /// <summary>Rank of the adapter, 1 to 256, where it does not start from a version.</summary>
    [Id(14)]
    public int Rank { get; init; } = 8;
}
