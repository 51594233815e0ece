namespace SoupsActors.Miniature.Experiments.Overoptimisation;

/// <summary>Numbers of <see cref="OveroptimisationExperiment"/>.</summary>
public sealed record OveroptimisationSettings
{
    /// <summary>The criteria whose mean, each on the scale of the base's answers, is the gold score.</summary>
    public IReadOnlyList<string> Criteria { get; init; } = ["P1A", "P2B", "P3A"];

    /// <summary>Prompts on training topics that comparisons are made of.</summary>
    public int ComparisonPrompts { get; init; } = 800;

    /// <summary>Answers to each of these prompts, every two of them compared.</summary>
    public int AnswersPerPrompt { get; init; } = 4;

    /// <summary>Answers whose gold scores differ by less are not compared: nobody could tell them apart.</summary>
    public double SmallestDifference { get; init; } = 0.5;

    /// <summary>Probability that a comparison is labelled the wrong way.</summary>
    public double LabelNoise { get; init; } = 0.25;

    /// <summary>Reward models of the ensemble, k.</summary>
    public int Members { get; init; } = 5;

    /// <summary>Passes over the comparisons.</summary>
    public double RewardEpochs { get; init; } = 1;

    /// <summary>Comparisons in a step of a reward model.</summary>
    public int RewardBatch { get; init; } = 16;

    /// <summary>Peak learning rate of a reward model.</summary>
    public double RewardRate { get; init; } = 3e-4;

    /// <summary>Weight of TRL's term that centres scores; the paper's value.</summary>
    public double ScoreL2 { get; init; } = 0.001;

    /// <summary>Held-out questions that best-of-n is measured on.</summary>
    public int Questions { get; init; } = 32;

    /// <summary>Answers to each, N; n goes up to it.</summary>
    public int Pool { get; init; } = 1024;

    /// <summary>λ of the uncertainty-weighted objective in best-of-n; the paper's value.</summary>
    public double SelectionPenalty { get; init; } = 0.5;

    /// <summary>λ of the uncertainty-weighted objective in PPO; the paper's value.</summary>
    public double PolicyPenalty { get; init; } = 0.1;

    /// <summary>Steps of PPO for each objective.</summary>
    public int PolicySteps { get; init; } = 200;

    /// <summary>Answers of a PPO step.</summary>
    public int PolicyBatch { get; init; } = 32;

    /// <summary>Passes over the answers of a PPO step.</summary>
    public int PolicyEpochs { get; init; } = 2;

    /// <summary>Learning rate of policy and critic.</summary>
    public double PolicyRate { get; init; } = 1e-3;

    /// <summary>Coefficients of the KL penalty, each tried with every objective.</summary>
    public IReadOnlyList<double> KlCoefficients { get; init; } = [0.005, 0.05];

    /// <summary>Most tokens of an answer.</summary>
    public int MaxTokens { get; init; } = 160;

    /// <summary>The short form.</summary>
    public static OveroptimisationSettings Quick { get; } = new()
    {
        ComparisonPrompts = 300,
        Members = 4,
        Questions = 6,
        PolicySteps = 30,
        KlCoefficients = [0.005],
    };
}
