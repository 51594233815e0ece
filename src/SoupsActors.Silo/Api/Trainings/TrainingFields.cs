using System.Text.Json.Serialization;
using SoupsActors.Silo.Http;
using SoupsActors.Trainings;

namespace SoupsActors.Silo.Api.Trainings;

/// <summary>What a training is to do; what is left out is as Soups:Training:Defaults says.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TrainingFields
{
    /// <summary>The preference whose expert is trained.</summary>
    public string? Preference { get; init; }

    /// <summary><c>ppo</c> or <c>dpo</c>.</summary>
    public string? Method { get; init; }

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

    /// <summary>Comparisons of versions on held-out prompts, asked again where there are fewer.</summary>
    public int? EvaluationPrompts { get; init; }

    /// <summary>The lower bound of the win rate must lie above this.</summary>
    public double? WinRateAbove { get; init; }

    /// <summary><c>auto</c>, <c>rules</c>, <c>reward</c> or <c>chat</c>.</summary>
    public string? Judge { get; init; }

    /// <summary><c>current</c> or <c>base</c>.</summary>
    public string? From { get; init; }

    /// <summary>Seed of everything that is drawn.</summary>
    public long? Seed { get; init; }

    /// <summary>Rank of the adapter, where it does not start from a version.</summary>
    public int? Rank { get; init; }

    /// <exception cref="ApiException">A word is not one of those that a field takes.</exception>
    public TrainingRequest ToRequest(TrainingRequest defaults) => defaults with
    {
        Method = Word("method", Method, defaults.Method),
        Steps = Steps ?? defaults.Steps,
        Minutes = Minutes ?? defaults.Minutes,
        RewardSteps = RewardSteps ?? defaults.RewardSteps,
        Batch = Batch ?? defaults.Batch,
        MaxTokens = MaxTokens ?? defaults.MaxTokens,
        LearningRate = LearningRate ?? defaults.LearningRate,
        KlBound = KlBound ?? defaults.KlBound,
        MinimumComparisons = MinimumComparisons ?? defaults.MinimumComparisons,
        EvaluationPrompts = EvaluationPrompts ?? defaults.EvaluationPrompts,
        WinRateAbove = WinRateAbove ?? defaults.WinRateAbove,
        Judge = Word("judge", Judge, defaults.Judge),
        From = Word("from", From, defaults.From),
        Seed = Seed ?? defaults.Seed,
        Rank = Rank ?? defaults.Rank,
    };

    private static T Word<T>(string field, string? word, T fallback)
        where T : struct, Enum
    {
        if (word is null)
            return fallback;
        var words = Enum.GetNames<T>();
        var known = Array.FindIndex(words, w => w.Equals(word, StringComparison.OrdinalIgnoreCase));
        return known >= 0
            ? Enum.Parse<T>(words[known])
            : throw ApiException.BadRequest(
                $"`{field}` is '{word}'; it takes {string.Join(", ", words).ToLowerInvariant()}.",
                "invalid_training",
                field);
    }
}
