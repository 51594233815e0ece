using SoupsActors.Trainings;

namespace SoupsActors.Client;

/// <summary>What a training is to do; null leaves a setting as the silo's own defaults say.</summary>
public sealed record TrainingSettings
{
    /// <summary>How the policy learns.</summary>
    public TrainingMethod? Method { get; init; }

    /// <summary>Steps of the policy.</summary>
    public int? Steps { get; init; }

    /// <summary>Minutes of work of all phases together.</summary>
    public double? Minutes { get; init; }

    /// <summary>Steps of the reward model.</summary>
    public int? RewardSteps { get; init; }

    /// <summary>Answers, or pairs, of one step of the policy.</summary>
    public int? Batch { get; init; }

    /// <summary>Longest answer in tokens.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Learning rate of the policy.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Largest mean divergence from the base per token, in nats.</summary>
    public double? KlBound { get; init; }

    /// <summary>Fewest comparisons to begin with.</summary>
    public int? MinimumComparisons { get; init; }

    /// <summary>Held-out prompts on which versions are compared.</summary>
    public int? EvaluationPrompts { get; init; }

    /// <summary>The lower bound of the win rate must lie above this.</summary>
    public double? WinRateAbove { get; init; }

    /// <summary>Who compares the new version with the current one.</summary>
    public TrainingJudge? Judge { get; init; }

    /// <summary>What the new version starts from.</summary>
    public TrainingStart? From { get; init; }

    /// <summary>Seed of everything that is drawn.</summary>
    public long? Seed { get; init; }

    /// <summary>Rank of the adapter, where it does not start from a version.</summary>
    public int? Rank { get; init; }
}
