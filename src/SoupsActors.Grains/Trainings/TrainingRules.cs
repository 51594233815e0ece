using SoupsActors.Trainings;

namespace SoupsActors.Grains.Trainings;

/// <summary>Which requests for trainings make sense.</summary>
public static class TrainingRules
{
    /// <exception cref="SoupsException">A setting is out of range; the message names it and its range.</exception>
    public static void Check(TrainingRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Require(Enum.IsDefined(request.Method), "method", request.Method, "ppo or dpo");
        Require(Enum.IsDefined(request.Judge), "judge", request.Judge, "auto, rules, reward or chat");
        Require(Enum.IsDefined(request.From), "from", request.From, "current or base");
        Range("steps", request.Steps, 1, 100_000);
        Range("reward_steps", request.RewardSteps, 1, 100_000);
        Range("batch", request.Batch, 2, 4096);
        Range("max_tokens", request.MaxTokens, 1, 4096);
        Range("minimum_comparisons", request.MinimumComparisons, 2, int.MaxValue);
        Range("evaluation_prompts", request.EvaluationPrompts, 1, 10_000);
        Range("rank", request.Rank, 1, 256);
        Require(
            request.Minutes is null or (> 0 and <= 1e6), "minutes", request.Minutes, "more than 0, or left out");
        Require(
            request.LearningRate is null or (> 0 and < 1), "learning_rate", request.LearningRate, "between 0 and 1");
        Require(request.KlBound is > 0 and <= 1000, "kl_bound", request.KlBound, "more than 0 and at most 1000");
        Require(request.WinRateAbove is >= 0 and < 1, "win_rate_above", request.WinRateAbove, "0 to below 1");
    }

    private static void Range(string field, int value, int least, int most) =>
        Require(
            value >= least && value <= most,
            field,
            value,
            most == int.MaxValue ? $"at least {least}" : $"{least} to {most}");

    private static void Require(bool holds, string field, object? value, string range)
    {
        if (!holds)
            throw SoupsException.Invalid($"`{field}` is {value}; it must be {range}.", "invalid_training", field);
    }
}
