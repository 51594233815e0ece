using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Policy;

/// <summary>
/// Settings of <see cref="PpoTraining"/>. Defaults suit models of a few million parameters; each says what TRL 0.7, as
/// used by Personalized Soups, or the PPO-max paper (Zheng et al. 2023) takes for 7B models where that differs.
/// </summary>
public sealed record PpoOptions
{
    private static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Steps in all, at least 1. PPO-max: 1000.</summary>
    public required int Steps { get; init; }

    /// <summary>Most tokens of an answer, at least 1.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Fixes all draws.</summary>
    public ulong Seed { get; init; }

    /// <summary>Answers to each prompt of a step, at least 1.</summary>
    public int SamplesPerPrompt { get; init; } = 1;

    /// <summary>Passes over a step's answers, at least 1. P-Soups: 8, TRL: 4, PPO-max: 1.</summary>
    public int Epochs { get; init; } = 2;

    /// <summary>
    /// Answers of a mini-batch, which is one update, at least 1. P-Soups: 16 (2, accumulated 8 times).
    /// </summary>
    public int MiniBatch { get; init; } = 16;

    /// <summary>Learning rate of the policy at each step. P-Soups: 1.4e-5, PPO-max: 5e-7.</summary>
    public LearningRateSchedule PolicySchedule { get; init; } = new(ScheduleKind.Constant, 1e-3, 1);

    /// <summary>Learning rate of the critic at each step. PPO-max: 1.5e-6, three times the policy's.</summary>
    public LearningRateSchedule CriticSchedule { get; init; } = new(ScheduleKind.Constant, 1e-3, 1);

    /// <summary>
    /// Settings of both optimisers, the gradient's clipping included. PPO-max: betas .9 and .95, ε 1e-6.
    /// </summary>
    public AdamWOptions Optimiser { get; init; } = new() { Beta2 = 0.95f, Epsilon = 1e-6f };

    /// <summary>First steps in which only the critic learns, 0 or more.</summary>
    public int CriticWarmupSteps { get; init; }

    /// <summary>What is done to scores. P-Soups: normalised, PPO-max: scaled.</summary>
    public ScoreScaling ScoreScaling { get; init; } = ScoreScaling.Normalised;

    /// <summary>Scaled scores are kept within ± this; null is off. PPO-max: 10 where it is on.</summary>
    public double? ScoreClip { get; init; } = 5;

    /// <summary>Taken off the score, in its own units, where an answer did not end by itself; 0 is off.</summary>
    public double MissingEndPenalty { get; init; }

    /// <summary>
    /// β, the KL penalty per nat, 0 or more. Scores have a deviation of about 1 once they are scaled, so at 0.2 a gain of
    /// one deviation is worth 5 nats. P-Soups: 0.2, adaptive; PPO-max: 0.01 to 0.02, fixed.
    /// </summary>
    public double KlCoefficient { get; init; } = 0.2;

    /// <summary>Lets β follow a target; null keeps it fixed.</summary>
    public AdaptiveKl? AdaptiveKl { get; init; }

    /// <summary>γ, 0 to 1.</summary>
    public double Discount { get; init; } = 1;

    /// <summary>
    /// λ of the advantage estimate, 0 to 1. Of a score at the end, the n-th last token sees λⁿ until the critic is
    /// good: below 1, short runs teach a small policy to be brief whatever is rewarded. TRL and PPO-max: 0.95, over
    /// many more steps.
    /// </summary>
    public double Lambda { get; init; } = 1;

    /// <summary>Whether a step's advantages are shifted and scaled to mean 0 and variance 1.</summary>
    public bool WhitenAdvantages { get; init; } = true;

    /// <summary>Advantages are kept within ± this; null is off. PPO-max: 0.5 where it is on.</summary>
    public double? AdvantageClip { get; init; }

    /// <summary>ε of the policy loss, above 0 and below 1.</summary>
    public double PolicyClip { get; init; } = 0.2;

    /// <summary>ε of the value loss, positive; null is off.</summary>
    public double? ValueClip { get; init; } = 0.2;

    /// <summary>Weight of the supervised (ptx) term, 0 or more.</summary>
    public double PretrainingWeight { get; init; }

    /// <summary>Weight of the entropy term, 0 or more.</summary>
    public double EntropyWeight { get; init; }

    /// <summary>
    /// Entropy per token to stay near, in nats: the term is then |H − target| instead of −H. PPO-max: 35 per answer.
    /// </summary>
    public double? EntropyTarget { get; init; }

    /// <summary>
    /// A step's updates end once a mini-batch's approximate KL from the policy that sampled, per token, is above 1.5
    /// times this; null is off. TRL: 0.1.
    /// </summary>
    public double? TargetKl { get; init; } = 0.1;

    /// <summary>Mini-batches whose mean ratio is above this are skipped, above 1. TRL: 10.</summary>
    public double MaxMeanRatio { get; init; } = 10;

    /// <summary>The run has diverged once a larger share of a step's mini-batches is skipped, 0 to 1.</summary>
    public double MaxSkippedShare { get; init; } = 0.5;

    /// <summary>The run has diverged once the KL from the reference, per token, is above this; null is off.</summary>
    public double? MaxKlPerToken { get; init; } = 0.5;

    /// <summary>The run has diverged once the KL from the reference, per answer, is above this; null is off.</summary>
    public double? MaxKl { get; init; }

    /// <summary>The run has diverged once answers are shorter than this in the mean; null is off.</summary>
    public double? MinResponseLength { get; init; }

    /// <summary>Steps between two checkpoints, at least 1. P-Soups: 10.</summary>
    public int CheckpointEvery { get; init; } = 1;

    /// <summary>Checks all ranges.</summary>
    /// <exception cref="ArgumentException">A value lies outside its range; the message names both.</exception>
    public void Validate()
    {
        Require(Steps >= 1, Steps, "at least 1");
        Require(MaxTokens >= 1, MaxTokens, "at least 1");
        Require(SamplesPerPrompt >= 1, SamplesPerPrompt, "at least 1");
        Require(Epochs >= 1, Epochs, "at least 1");
        Require(MiniBatch >= 1, MiniBatch, "at least 1");
        Require(CriticWarmupSteps >= 0, CriticWarmupSteps, "at least 0");
        Require(IsNullOrPositive(ScoreClip), ScoreClip, "positive, or null for off");
        Require(MissingEndPenalty >= 0 && double.IsFinite(MissingEndPenalty), MissingEndPenalty, "at least 0");
        Require(KlCoefficient >= 0 && double.IsFinite(KlCoefficient), KlCoefficient, "at least 0");
        Require(
            AdaptiveKl is null or { Target: > 0, Horizon: > 0 }, AdaptiveKl, "null, or target and horizon positive");
        Require(
            AdaptiveKl is null || KlCoefficient > 0, KlCoefficient, "positive where it is adaptive: 0 would stay 0");
        Require(Discount is >= 0 and <= 1, Discount, "0 to 1");
        Require(Lambda is >= 0 and <= 1, Lambda, "0 to 1");
        Require(IsNullOrPositive(AdvantageClip), AdvantageClip, "positive, or null for off");
        Require(PolicyClip is > 0 and < 1, PolicyClip, "above 0 and below 1");
        Require(IsNullOrPositive(ValueClip), ValueClip, "positive, or null for off");
        Require(PretrainingWeight >= 0 && double.IsFinite(PretrainingWeight), PretrainingWeight, "at least 0");
        Require(EntropyWeight >= 0 && double.IsFinite(EntropyWeight), EntropyWeight, "at least 0");
        Require(EntropyTarget is null or >= 0, EntropyTarget, "at least 0, or null");
        Require(IsNullOrPositive(TargetKl), TargetKl, "positive, or null for off");
        Require(MaxMeanRatio > 1, MaxMeanRatio, "above 1");
        Require(MaxSkippedShare is >= 0 and <= 1, MaxSkippedShare, "0 to 1");
        Require(IsNullOrPositive(MaxKlPerToken), MaxKlPerToken, "positive, or null for off");
        Require(IsNullOrPositive(MaxKl), MaxKl, "positive, or null for off");
        Require(IsNullOrPositive(MinResponseLength), MinResponseLength, "positive, or null for off");
        Require(CheckpointEvery >= 1, CheckpointEvery, "at least 1");

        static bool IsNullOrPositive(double? value) => value is null or > 0;
    }

    /// <summary>A short name of the settings; a checkpoint of others is never continued.</summary>
    internal string Fingerprint() =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this, Json)))[..16];

    private static void Require(
        bool holds, object? value, string range, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!holds)
            throw new ArgumentException($"{nameof(PpoOptions)}.{name} is {value ?? "null"}, but must be {range}.");
    }
}
