using SoupsActors.Tensors;

namespace SoupsActors.Models.Inference;

/// <summary>Sizes of a <see cref="LlamaStepModel"/>; all memory is allocated from them at the start.</summary>
public sealed record StepModelOptions
{
    /// <summary>How weight matrices and experts are stored; arithmetic is fp32.</summary>
    public ElementType WeightType { get; init; } = ElementType.Float32;

    /// <summary>Tokens per block of the key/value cache, at least 1.</summary>
    public int BlockTokens { get; init; } = 16;

    /// <summary>Blocks in the key/value cache, shared by all sequences, at least 1.</summary>
    public int BlockCount { get; init; } = 1024;

    /// <summary>Most tokens in one step, over all sequences, at least 1.</summary>
    public int MaxTokensPerStep { get; init; } = 256;

    /// <summary>Most sequences in one step, and most rows whose logits are wanted, at least 1.</summary>
    public int MaxSequences { get; init; } = 32;

    /// <summary>Largest number of tokens of one sequence; the model's own limit where it is null or larger.</summary>
    public int? ContextLength { get; init; }

    internal void Validate()
    {
        Require(BlockTokens, nameof(BlockTokens));
        Require(BlockCount, nameof(BlockCount));
        Require(MaxTokensPerStep, nameof(MaxTokensPerStep));
        Require(MaxSequences, nameof(MaxSequences));
        Require(ContextLength ?? 1, nameof(ContextLength));

        static void Require(int value, string name)
        {
            if (value < 1)
                throw new ArgumentOutOfRangeException(name, value, $"{name} is at least 1.");
        }
    }
}
