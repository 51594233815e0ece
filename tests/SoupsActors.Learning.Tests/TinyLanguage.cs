using SoupsActors.Models.Files;
using SoupsActors.Models.Tokenization;
using SoupsActors.Models.Tokenization.Training;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Tests;

/// <summary>A random model of a few thousand parameters in a folder, with a tokenizer for simple English.</summary>
internal static class TinyLanguage
{
    public static void Write(Backend backend, string folder, long seed = 1)
    {
        var tokenizer = BpeTrainer.Train(
            ["What is rain? Rain is water that falls.", "Tell me about bees. Bees make honey.", "yes no good bad"],
            new BpeTrainerOptions
            {
                VocabularySize = 300,
                SpecialTokens = ["<s>", "</s>", "<|user|>", "<|assistant|>", "<|system|>"],
                BosToken = "<s>",
                EosToken = "</s>",
                ChatTemplate = SoupsActors.Models.Tokenization.Chat.ChatTemplate.Tulu,
            });
        Directory.CreateDirectory(folder);
        tokenizer.Save(folder);
        var config = new TransformerConfig
        {
            HiddenSize = 16,
            IntermediateSize = 24,
            LayerCount = 2,
            HeadCount = 2,
            KeyValueHeadCount = 2,
            HeadSize = 8,
            VocabularySize = Tokenizer.Load(folder).VocabularySize,
            MaxPositions = 64,
            TieWordEmbeddings = true,
        };
        using var model = TrainableTransformer.Random(backend, config, seed);
        using var weights = ModelWeights.Create(
            config,
            model.Parameters.ToDictionary(p => p.Key, p => p.Value.ToArray()),
            new GenerationConfig { EosTokenIds = [1] });
        weights.Save(folder, SafetensorsType.F32);
    }
}
