using SoupsActors.Miniature.Experiments.Trainings;

namespace SoupsActors.Miniature.Experiments.Scaling;

/// <summary>The numbers of <see cref="ScalingExperiment"/>.</summary>
public sealed record ScalingOptions
{
    /// <summary>Different held-out questions that every method answers for every combination.</summary>
    public required int Questions { get; init; }

    /// <summary>The training of each of the two new experts.</summary>
    public required PolicyTrainingOptions Expert { get; init; }

    /// <summary>Prompted-MORL, trained again on all sixteen combinations.</summary>
    public required PolicyTrainingOptions Morl { get; init; }

    /// <summary>λ of each expert in the product merge.</summary>
    public float Weight { get; init; } = 1;

    /// <summary>Most tokens of an answer.</summary>
    public int MaxTokens { get; init; } = 200;

    /// <summary>The whole experiment: Prompted-MORL gets as many steps as eight experts take together.</summary>
    public static ScalingOptions Full { get; } = new()
    {
        Questions = 50,
        Expert = new PolicyTrainingOptions { Steps = PolicyTrainingOptions.StepsOfAnExpert },
        Morl = new PolicyTrainingOptions { Steps = 8 * PolicyTrainingOptions.StepsOfAnExpert },
    };

    /// <summary>Fewer questions, and trainings of a fraction of the steps.</summary>
    public static ScalingOptions Quick { get; } = new()
    {
        Questions = 24,
        Expert = new PolicyTrainingOptions { Steps = 16, Prompts = 16 },
        Morl = new PolicyTrainingOptions { Steps = 16, Prompts = 16 },
    };
}
