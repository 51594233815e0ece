using SoupsActors.Trainings;

namespace SoupsActors.Dashboard.Data.Training;

/// <summary>
/// The settings of a training as people type them. What is out of range the trainer refuses; here only what is no
/// number of the right kind.
/// </summary>
public sealed class TrainingForm
{
    /// <summary>A form that says what the server does by default.</summary>
    public TrainingForm(TrainingRequest defaults)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        (Method, Judge, From) = (defaults.Method, defaults.Judge, defaults.From);
        (Steps, RewardSteps, Batch, MaxTokens) =
            (defaults.Steps, defaults.RewardSteps, defaults.Batch, defaults.MaxTokens);
        (MinimumComparisons, EvaluationPrompts, Rank, Seed) =
            (defaults.MinimumComparisons, defaults.EvaluationPrompts, defaults.Rank, defaults.Seed);
        (Minutes, LearningRate, KlBound, WinRateAbove) =
            (defaults.Minutes, defaults.LearningRate, defaults.KlBound, defaults.WinRateAbove);
    }

    /// <summary>How the policy learns.</summary>
    public TrainingMethod Method { get; set; }

    /// <summary>Who compares versions.</summary>
    public TrainingJudge Judge { get; set; }

    /// <summary>What the new version starts from.</summary>
    public TrainingStart From { get; set; }

    /// <summary>Steps of the policy.</summary>
    public double? Steps { get; set; }

    /// <summary>Minutes of work, or none for no limit.</summary>
    public double? Minutes { get; set; }

    /// <summary>Steps of the reward model.</summary>
    public double? RewardSteps { get; set; }

    /// <summary>Answers, or pairs, of one step.</summary>
    public double? Batch { get; set; }

    /// <summary>Longest answer in tokens.</summary>
    public double? MaxTokens { get; set; }

    /// <summary>Learning rate, or none for the method's own.</summary>
    public double? LearningRate { get; set; }

    /// <summary>Largest mean divergence per token, in nats.</summary>
    public double? KlBound { get; set; }

    /// <summary>Fewest comparisons to begin with.</summary>
    public double? MinimumComparisons { get; set; }

    /// <summary>Held-out prompts on which versions are compared.</summary>
    public double? EvaluationPrompts { get; set; }

    /// <summary>What the lower bound of the win rate must lie above, 0 to 1.</summary>
    public double? WinRateAbove { get; set; }

    /// <summary>Seed of everything that is drawn.</summary>
    public double? Seed { get; set; }

    /// <summary>Rank of the adapter.</summary>
    public double? Rank { get; set; }

    /// <summary>The request that the form makes.</summary>
    /// <exception cref="SoupsException">
    /// A field is empty that must not be, or is no whole number; it is named.
    /// </exception>
    public TrainingRequest ToRequest() => new()
    {
        Method = Method,
        Judge = Judge,
        From = From,
        Steps = Whole("steps", Steps),
        Minutes = Minutes,
        RewardSteps = Whole("reward_steps", RewardSteps),
        Batch = Whole("batch", Batch),
        MaxTokens = Whole("max_tokens", MaxTokens),
        LearningRate = LearningRate,
        KlBound = Filled("kl_bound", KlBound),
        MinimumComparisons = Whole("minimum_comparisons", MinimumComparisons),
        EvaluationPrompts = Whole("evaluation_prompts", EvaluationPrompts),
        WinRateAbove = Filled("win_rate_above", WinRateAbove),
        Seed = Whole("seed", Seed),
        Rank = Whole("rank", Rank),
    };

    private static double Filled(string field, double? value) => value ?? throw SoupsException.Invalid(
        $"`{field}` is empty. Enter a number.", "invalid_training", field);

    private static int Whole(string field, double? value)
    {
        var number = Filled(field, value);
        return number == Math.Floor(number) && number is >= int.MinValue and <= int.MaxValue
            ? (int)number
            : throw SoupsException.Invalid(
                $"`{field}` is {number}; it must be a whole number.", "invalid_training", field);
    }
}
