using SoupsActors.Miniature.Experiments.Trainings;

namespace SoupsActors.Miniature.Experiments.Rewarded;

/// <summary>Every number of <see cref="RewardedExperiment"/>.</summary>
public sealed record RewardedSettings
{
    /// <summary>
    /// The trainings for mixtures and of the control's expert: the budget and the settings of the package's experts.
    /// </summary>
    public PolicyTrainingOptions Training { get; init; } = new() { Steps = PolicyTrainingOptions.StepsOfAnExpert };

    /// <summary>Seed of A of the negative control's second expert, another than the package's.</summary>
    public long OtherInitSeed { get; init; } = 8;

    /// <summary>Held-out questions each model answers.</summary>
    public int Questions { get; init; } = 48;

    /// <summary>Answers to each question; their mean is the question's score.</summary>
    public int AnswersPerQuestion { get; init; } = 32;

    /// <summary>
    /// Questions about training topics from which the chooser of λ knows what each λ earns, with as many answers.
    /// </summary>
    public int KnownQuestions { get; init; } = 48;

    /// <summary>Steps of λ from one expert to the other.</summary>
    public int Divisions { get; init; } = 10;

    /// <summary>Steps of λ along an edge of the simplex of three.</summary>
    public int SimplexDivisions { get; init; } = 6;

    /// <summary>Mixtures μ that are also trained for: weight of the first reward.</summary>
    public IReadOnlyList<double> Mixtures { get; init; } = [0.25, 0.5, 0.75];

    /// <summary>Answers a hidden user scores at most.</summary>
    public int ScoredSamples { get; init; } = 32;

    /// <summary>
    /// How unsure hidden users are: standard deviation of their scores, in that of the answers that the reward models
    /// learnt from.
    /// </summary>
    public double UserNoise { get; init; } = 0.5;

    /// <summary>Hidden users, each with a mixture of their own.</summary>
    public int HiddenUsers { get; init; } = 1000;

    /// <summary>The long form.</summary>
    public static RewardedSettings Full { get; } = new();

    /// <summary>The short form: the same trainings, fewer answers.</summary>
    public static RewardedSettings Quick { get; } = new()
    {
        Questions = 32,
        AnswersPerQuestion = 8,
        KnownQuestions = 32,
        SimplexDivisions = 4,
    };
}
