using SoupsActors.Models.Files;
using SoupsActors.Models.Tokenization;
using SoupsActors.Models.Tokenization.Chat;

namespace SoupsActors.Miniature.Recipe;

/// <summary>What the miniature's model looks like from outside: shape, tokens, chat template.</summary>
internal static class MiniatureFormat
{
    public const string BeginOfText = "<s>";

    public const string EndOfText = "</s>";

    /// <summary>Control tokens, first in the vocabulary.</summary>
    public static IReadOnlyList<string> SpecialTokens { get; } = [BeginOfText, EndOfText, "<|user|>", "<|assistant|>", "<|system|>"];

    /// <summary>The template of Tulu, on which Personalized Soups is built.</summary>
    public static ChatTemplate Template => ChatTemplate.Tulu;

    public static TransformerConfig Config(MiniatureRecipe recipe, int vocabularySize) => new()
    {
        HiddenSize = recipe.HiddenSize,
        IntermediateSize = recipe.IntermediateSize,
        LayerCount = recipe.LayerCount,
        HeadCount = recipe.HeadCount,
        KeyValueHeadCount = recipe.HeadCount,
        HeadSize = recipe.HiddenSize / recipe.HeadCount,
        VocabularySize = vocabularySize,
        MaxPositions = recipe.ContextLength,
        RmsNormEpsilon = 1e-5,
        TieWordEmbeddings = true,
    };

    public static GenerationConfig Generation(Tokenizer tokenizer) => new()
    {
        BosTokenId = tokenizer.BosId,
        EosTokenIds = [tokenizer.EosId!.Value],
        DoSample = true,
        Temperature = 0.7,
        TopP = 0.95,
        MaxNewTokens = 200,
    };
}
