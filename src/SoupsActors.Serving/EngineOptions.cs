using System.Runtime.CompilerServices;
using SoupsActors.Models.Inference;

namespace SoupsActors.Serving;

/// <summary>Limits of one <see cref="GenerationEngine"/>.</summary>
public sealed record EngineOptions
{
    /// <summary>Most sequences in one step, 1 to 4096. A row whose reader lags does not count.</summary>
    public int MaxSequences { get; init; } = 32;

    /// <summary>Most tokens in one step over all sequences, at least <see cref="MaxSequences"/>.</summary>
    public int MaxTokensPerStep { get; init; } = 256;

    /// <summary>
    /// Most prompt tokens of one sequence in one step, 1 to <see cref="MaxTokensPerStep"/>. Smaller keeps the answers
    /// of others smooth while a long prompt is read; larger reads it sooner.
    /// </summary>
    public int PrefillChunk { get; init; } = 64;

    /// <summary>
    /// Largest share of the tokens computed that background requests get while others are served, 0 to below 1. With 0
    /// they stand still meanwhile.
    /// </summary>
    public double BackgroundShare { get; init; } = 0.2;

    /// <summary>
    /// Most requests that wait for a place, at least 1; one more gets <see cref="EngineBusyException"/>.
    /// </summary>
    public int QueueLimit { get; init; } = 1024;

    /// <summary>Most experts that the model holds at once, at least 1; also the most that one mix can name.</summary>
    public int MaxResidentExperts { get; init; } = 16;

    /// <summary>Unread tokens after which a row is parked until its reader catches up, at least 1.</summary>
    public int BufferTokens { get; init; } = 64;

    /// <summary>How long a parked row keeps its place in the cache before its request fails.</summary>
    public TimeSpan SlowReaderTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Most alternatives in <see cref="GenerationRequest.LogProbabilities"/>, at least 0.</summary>
    public int MaxLogProbabilities { get; init; } = 20;

    /// <summary>Most texts in <see cref="GenerationRequest.Stop"/>, at least 0.</summary>
    public int MaxStopTexts { get; init; } = 16;

    /// <summary>Most UTF-16 units of one stop text, at least 1.</summary>
    public int MaxStopLength { get; init; } = 256;

    /// <summary>The model's name in metrics.</summary>
    public string ModelName { get; init; } = "soup";

    /// <summary>Checks all ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A value lies outside its range; the message names both.
    /// </exception>
    public void Validate()
    {
        Require(MaxSequences is >= 1 and <= 4096, MaxSequences, "1 to 4096");
        Require(
            MaxTokensPerStep >= MaxSequences, MaxTokensPerStep, $"at least {nameof(MaxSequences)} ({MaxSequences})");
        Require(
            PrefillChunk >= 1 && PrefillChunk <= MaxTokensPerStep,
            PrefillChunk, $"1 to {nameof(MaxTokensPerStep)} ({MaxTokensPerStep})");
        Require(BackgroundShare is >= 0 and < 1, BackgroundShare, "0 to below 1");
        Require(QueueLimit >= 1, QueueLimit, "at least 1");
        Require(MaxResidentExperts >= 1, MaxResidentExperts, "at least 1");
        Require(BufferTokens >= 1, BufferTokens, "at least 1");
        Require(SlowReaderTimeout > TimeSpan.Zero, SlowReaderTimeout, "more than zero");
        Require(MaxLogProbabilities >= 0, MaxLogProbabilities, "at least 0");
        Require(MaxStopTexts >= 0, MaxStopTexts, "at least 0");
        Require(MaxStopLength >= 1, MaxStopLength, "at least 1");
        ArgumentException.ThrowIfNullOrWhiteSpace(ModelName);
    }

    /// <summary>Checks that the model can take the steps that these options ask for.</summary>
    /// <exception cref="ArgumentException">The model's steps are smaller.</exception>
    internal void RequireFits(IStepModel model)
    {
        if (MaxSequences > model.MaxSequences || MaxTokensPerStep > model.MaxTokensPerStep)
        {
            throw new ArgumentException(
                $"Steps of {MaxSequences} sequences and {MaxTokensPerStep} tokens are asked for, but the model's hold "
                + $"{model.MaxSequences} and {model.MaxTokensPerStep}; give model and engine the same sizes.",
                nameof(model));
        }
    }

    private static void Require(
        bool holds, object value, string range, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(name, value, $"{nameof(EngineOptions)}.{name} must be {range}.");
    }
}
