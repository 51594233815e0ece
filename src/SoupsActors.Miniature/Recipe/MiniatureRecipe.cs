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

    /// <summary>Questions about training topics that the base answers for the judges to compare.</summary>
    public int PoolQuestions { get; init; } = 320;

    /// <summary>Questions about held-out topics, to test reward models on.</summary>
    public int HeldOutQuestions { get; init; } = 64;

    /// <summary>Answers to each question.</summary>
    public int AnswersPerQuestion { get; init; } = 9;

    /// <summary>
    /// Takes the answers from the corpus instead of the base: for bases too small to say anything judges could compare.
    /// </summary>
    public bool AnswersFromCorpus { get; init; }

    /// <summary>Comparisons of one question's answers, by each preference.</summary>
    public int ComparisonsPerQuestion { get; init; } = 6;

    /// <summary>Steps of each reward model.</summary>
    public int RewardSteps { get; init; } = 120;

    /// <summary>Comparisons in one step of a reward model.</summary>
    public int RewardBatch { get; init; } = 16;

    /// <summary>Peak learning rate of a reward model.</summary>
    public double RewardLearningRate { get; init; } = 1e-3;

    /// <summary>Rank of a reward model's adapter, and so of the critic that starts from it.</summary>
    public int RewardRank { get; init; } = 8;

    /// <summary>PPO steps of each expert.</summary>
    public int PolicySteps { get; init; } = 24;

    /// <summary>Questions in one PPO step.</summary>
    public int PolicyPrompts { get; init; } = 32;

    /// <summary>Answers to each question of a PPO step.</summary>
    public int PolicySamples { get; init; } = 2;

    /// <summary>Passes over the answers of a PPO step.</summary>
    public int PolicyEpochs { get; init; } = 2;

    /// <summary>Answers of one PPO update.</summary>
    public int PolicyMiniBatch { get; init; } = 16;

    /// <summary>Peak learning rate of an expert.</summary>
    public double PolicyLearningRate { get; init; } = 1e-3;

    /// <summary>Learning rate of the critic.</summary>
    public double CriticLearningRate { get; init; } = 1e-3;

    /// <summary>β of the KL penalty.</summary>
    public double KlCoefficient { get; init; } = 0.2;

    /// <summary>A training whose policy leaves the base by more than this, in nats a token, has failed.</summary>
    public double MaxKlPerToken { get; init; } = 0.3;

    /// <summary>Most tokens of an answer.</summary>
    public int MaxAnswerTokens { get; init; } = 200;

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
        PoolQuestions = 6,
        HeldOutQuestions = 3,
        AnswersPerQuestion = 4,
        AnswersFromCorpus = true,
        ComparisonsPerQuestion = 2,
        RewardSteps = 3,
        RewardBatch = 2,
        RewardRank = 2,
        PolicySteps = 2,
        PolicyPrompts = 2,
        PolicySamples = 1,
        PolicyEpochs = 1,
        PolicyMiniBatch = 2,
        PolicyLearningRate = 0.05,
        MaxKlPerToken = 10,
        MaxAnswerTokens = 12,
        Rank = 2,
        Alpha = 4,
    };

    /// <summary>A short name of the recipe's content; results of another recipe are never continued.</summary>
    public string Fingerprint() =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this)))[..16];
}
