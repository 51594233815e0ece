using SoupsActors.Miniature.Recipe;

namespace SoupsActors.Miniature.Experiments.Trainings;

/// <summary>
/// The numbers of one PPO training of an experiment. What is not set is as the package's experts are trained, so that
/// methods differ in nothing else; the rest are the defaults of the loop.
/// </summary>
public sealed record PolicyTrainingOptions
{
    private static readonly MiniatureRecipe Package = new();

    /// <summary>PPO steps of one of the package's experts.</summary>
    internal static int StepsOfAnExpert => Package.PolicySteps;

    /// <summary>PPO steps, at least 1.</summary>
    public required int Steps { get; init; }

    /// <summary>Questions of a step.</summary>
    public int Prompts { get; init; } = Package.PolicyPrompts;

    /// <summary>Answers to each question.</summary>
    public int Samples { get; init; } = Package.PolicySamples;

    /// <summary>Passes over the answers of a step.</summary>
    public int Epochs { get; init; } = Package.PolicyEpochs;

    /// <summary>Answers of one update.</summary>
    public int MiniBatch { get; init; } = Package.PolicyMiniBatch;

    /// <summary>Peak learning rate of the policy.</summary>
    public double LearningRate { get; init; } = Package.PolicyLearningRate;

    /// <summary>Learning rate of the critic.</summary>
    public double CriticLearningRate { get; init; } = Package.CriticLearningRate;

    /// <summary>β of the KL penalty.</summary>
    public double KlCoefficient { get; init; } = Package.KlCoefficient;

    /// <summary>
    /// A training whose policy leaves the base by more than this, in nats a token, has failed; null is off.
    /// </summary>
    public double? MaxKlPerToken { get; init; } = Package.MaxKlPerToken;

    /// <summary>Most tokens of an answer.</summary>
    public int MaxTokens { get; init; } = Package.MaxAnswerTokens;
}
