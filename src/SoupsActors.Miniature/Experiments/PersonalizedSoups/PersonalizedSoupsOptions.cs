using SoupsActors.Miniature.Experiments.Trainings;

namespace SoupsActors.Miniature.Experiments.PersonalizedSoups;

/// <summary>The numbers of <see cref="PersonalizedSoupsExperiment"/>.</summary>
public sealed record PersonalizedSoupsOptions
{
    /// <summary>Different held-out questions that every method answers for every combination.</summary>
    public required int Questions { get; init; }

    /// <summary>The one reward model of plain RLHF.</summary>
    public required GeneralRewardOptions General { get; init; }

    /// <summary>Plain RLHF: one policy for everybody, against the general reward model.</summary>
    public required PolicyTrainingOptions Rlhf { get; init; }

    /// <summary>Prompted-MORL: one policy for all combinations.</summary>
    public required PolicyTrainingOptions Morl { get; init; }

    /// <summary>The multitask baseline.</summary>
    public required MultitaskOptions Multitask { get; init; }

    /// <summary>λ of each expert in the product merge.</summary>
    public float ProductWeight { get; init; } = 1;

    /// <summary>
    /// λ of each expert in the factor merge: 1/√3 makes it as large as the product merge at 1 where the three A agree.
    /// </summary>
    public float FactorWeight { get; init; } = 0.57735f;

    /// <summary>λ of each expert in the papers' released merge, the plain average of three.</summary>
    public float AverageWeight { get; init; } = 1f / 3;

    /// <summary>Most tokens of an answer.</summary>
    public int MaxTokens { get; init; } = 200;

    /// <summary>
    /// The most that soups' log-likelihood under the base may lie below the base's own, in nats a token.
    /// </summary>
    public double LikelihoodBound { get; init; } = 0.5;

    /// <summary>The most of an answer's four-word runs that may be repetitions, in the mean.</summary>
    public double RepetitionBound { get; init; } = 0.02;

    /// <summary>The whole experiment: as many PPO steps for Prompted-MORL as six experts take together.</summary>
    public static PersonalizedSoupsOptions Full { get; } = new()
    {
        Questions = 50,
        General = new GeneralRewardOptions(),
        Rlhf = new PolicyTrainingOptions { Steps = PolicyTrainingOptions.StepsOfAnExpert },
        Morl = new PolicyTrainingOptions { Steps = 6 * PolicyTrainingOptions.StepsOfAnExpert },
        Multitask = new MultitaskOptions { Steps = 250 },
    };

    /// <summary>The same questions, but baselines that are trained for a fraction of the steps.</summary>
    public static PersonalizedSoupsOptions Quick { get; } = new()
    {
        Questions = 50,
        General = new GeneralRewardOptions
        {
            Questions = 120,
            HeldOutQuestions = 24,
            AnswersPerQuestion = 6,
            Steps = 60,
        },
        Rlhf = new PolicyTrainingOptions { Steps = 12, Prompts = 16 },
        Morl = new PolicyTrainingOptions { Steps = 24, Prompts = 16 },
        Multitask = new MultitaskOptions { Steps = 80 },
    };
}
