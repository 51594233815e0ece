namespace SoupsActors.Miniature.Experiments.Rewarded;

/// <summary>Every number of <see cref="RewardedExperiment"/>.</summary>
public sealed record RewardedSettings
{
    /// <summary>Steps of each PPO training.</summary>
    public int Steps { get; init; } = 40;

    /// <summary>Prompts of a step, each answered once.</summary>
    public int PromptsPerStep { get; init; } = 96;

    /// <summary>Passes over a step's answers.</summary>
    public int Epochs { get; init; } = 2;

    /// <summary>Answers of one update.</summary>
    public int MiniBatch { get; init; } = 16;

    /// <summary>Learning rate of the policy, falling to a tenth along a cosine.</summary>
    public double LearningRate { get; init; } = 2e-4;

    /// <summary>Learning rate of the critic, constant.</summary>
    public double CriticLearningRate { get; init; } = 1e-3;

    /// <summary>
    /// β of the KL penalty, the same for all: at the optimum a reward r shifts log-probabilities by r/β, so that the
    /// soup of weights μ and the model trained on the mixture μ would meet if weights acted linearly. Small enough that
    /// experts come close to what they are trained for: rewards then bend down towards the ends, and soups lie above
    /// the chord.
    /// </summary>
    public double KlCoefficient { get; init; } = 0.2;

    /// <summary>Most tokens of an answer.</summary>
    public int MaxTokens { get; init; } = 120;

    /// <summary>Rank of the adapters.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>
    /// α of the policies' adapters. With a large one little movement of the factors is enough, as at the small learning
    /// rates of large models: averaging A and B apart is exact only as far as all A are where they began.
    /// </summary>
    public float Alpha { get; init; } = 128;

    /// <summary>α of the critics' adapters.</summary>
    public float CriticAlpha { get; init; } = 16;

    /// <summary>Seed of A of all experts that are merged.</summary>
    public long InitSeed { get; init; } = 7;

    /// <summary>Seed of A of the negative control's second expert.</summary>
    public long OtherInitSeed { get; init; } = 8;

    /// <summary>Held-out questions each model answers; all of them where fewer exist.</summary>
    public int Questions { get; init; } = 32;

    /// <summary>Answers to each question; their mean is the question's score.</summary>
    public int AnswersPerQuestion { get; init; } = 32;

    /// <summary>Steps of λ from one expert to the other.</summary>
    public int Divisions { get; init; } = 10;

    /// <summary>Steps of λ along an edge of the simplex of three.</summary>
    public int SimplexDivisions { get; init; } = 6;

    /// <summary>Mixtures μ that are also trained for: weight of the first reward.</summary>
    public IReadOnlyList<double> Mixtures { get; init; } = [0.25, 0.5, 0.75];

    /// <summary>Answers a hidden user scores at most.</summary>
    public int ScoredSamples { get; init; } = 32;

    /// <summary>
    /// How unsure hidden users are: standard deviation of their scores, in that of the base's answers.
    /// </summary>
    public double UserNoise { get; init; } = 0.5;

    /// <summary>Hidden users, each with a mixture of their own.</summary>
    public int HiddenUsers { get; init; } = 200;

    /// <summary>The long form.</summary>
    public static RewardedSettings Full { get; } = new();

    /// <summary>The short form.</summary>
    public static RewardedSettings Quick { get; } = new()
    {
        Steps = 24,
        PromptsPerStep = 64,
        AnswersPerQuestion = 10,
        SimplexDivisions = 4,
    };
}
