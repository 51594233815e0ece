using System.Security.Cryptography;
using System.Text.Json;
using SoupsActors.Models.Experts;

namespace SoupsActors.Miniature.Recipe;

/// <summary>Every number that goes into the miniature; equal recipes give equal weights on one thread count.</summary>
public sealed record MiniatureRecipe
{
    /// <summary>Seed of corpus, initial weights and sampling.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Tokens of the byte-level BPE vocabulary.</summary>
    public int VocabularySize { get; init; } = 2048;

    /// <summary>Corpus samples the tokenizer is trained on.</summary>
    public int TokenizerSamples { get; init; } = 20_000;

    /// <summary>Width of the residual stream.</summary>
    public int HiddenSize { get; init; } = 192;

    /// <summary>Width of the feed-forward layers.</summary>
    public int IntermediateSize { get; init; } = 512;

    /// <summary>Transformer blocks.</summary>
    public int LayerCount { get; init; } = 6;

    /// <summary>Attention heads.</summary>
    public int HeadCount { get; init; } = 6;

    /// <summary>Largest number of tokens of prompt and answer together.</summary>
    public int ContextLength { get; init; } = 512;

    /// <summary>Steps of the base model.</summary>
    public int BaseSteps { get; init; } = 2000;

    /// <summary>Conversations in one step of the base model.</summary>
    public int BaseBatch { get; init; } = 32;

    /// <summary>Peak learning rate of the base model.</summary>
    public double BaseLearningRate { get; init; } = 2e-3;

    /// <summary>Steps of each expert.</summary>
    public int ExpertSteps { get; init; } = 250;

    /// <summary>Conversations in one step of an expert.</summary>
    public int ExpertBatch { get; init; } = 16;

    /// <summary>Peak learning rate of an expert.</summary>
    public double ExpertLearningRate { get; init; } = 1e-3;

    /// <summary>Rank of an expert.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>α of an expert.</summary>
    public float Alpha { get; init; } = 16;

    /// <summary>The layers an expert changes.</summary>
    public IReadOnlyList<TargetModule> Targets { get; init; } = Enum.GetValues<TargetModule>();

    /// <summary>One seed for A of all experts, so that both merges can serve them.</summary>
    public long AdapterSeed { get; init; } = 7;

    /// <summary>A recipe that runs in seconds and learns next to nothing: for tests of the machinery.</summary>
    public static MiniatureRecipe Tiny { get; } = new()
    {
        VocabularySize = 400,
        TokenizerSamples = 200,
        HiddenSize = 32,
        IntermediateSize = 64,
        LayerCount = 2,
        HeadCount = 2,
        BaseSteps = 4,
        BaseBatch = 2,
        ExpertSteps = 3,
        ExpertBatch = 2,
        Rank = 2,
        Alpha = 4,
    };

    /// <summary>A short name of the recipe's content; results of another recipe are never continued.</summary>
    public string Fingerprint() =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this)))[..16];
}
