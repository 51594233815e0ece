using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Tokenization.Chat;
using SoupsActors.Models.Tokenization.Training;

namespace SoupsActors.Testing;

/// <summary>
/// Random Llama models of a few thousand parameters with a tokenizer, written as Hugging Face folders, and random LoRA
/// experts for them. They say nothing sensible, but the same thing every time, and something else under every mix.
/// </summary>
public sealed class TinyModel
{
    private const string Corpus =
        "The quick brown fox jumps over the lazy dog. Why is the sky blue? Because light scatters, said the teacher. "
        + "A soup is made of many things: carrots, onions, salt and time. Who made the soup? The cook made the soup.";

    private TinyModel(string folder, TransformerConfig config, string baseHash)
    {
        Folder = folder;
        Config = config;
        BaseHash = baseHash;
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    public TransformerConfig Config { get; }

    public string BaseHash { get; }

    /// <summary>Writes a base model with a ChatML tokenizer.</summary>
    public static TinyModel Create(string folder, int seed = 1, int context = 256)
    {
        var tokenizer = BpeTrainer.Train([Corpus], new BpeTrainerOptions
        {
            VocabularySize = 300,
            SpecialTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
            EosToken = "<|im_end|>",
            ChatTemplate = ChatTemplate.ChatMl,
        });
        tokenizer.Save(folder);
        var config = new TransformerConfig
        {
            HiddenSize = 32,
            IntermediateSize = 48,
            LayerCount = 2,
            HeadCount = 4,
            KeyValueHeadCount = 2,
            HeadSize = 8,
            VocabularySize = tokenizer.VocabularySize,
            MaxPositions = context,
            TieWordEmbeddings = true,
        };
        var random = new Random(seed);
        var tensors = ModelTensors.Expected(config).ToDictionary(
            t => t.Key,
            t => t.Key.Contains("norm", StringComparison.Ordinal)
                ? Enumerable.Repeat(1f, (int)t.Value[0]).ToArray()
                : Normal(random, (int)t.Value.Aggregate(1L, (a, b) => a * b), 0.35f),
            StringComparer.Ordinal);
        var generation = new GenerationConfig { EosTokenIds = tokenizer.EosId is { } eos ? [eos] : [] };
        using var weights = ModelWeights.Create(config, tensors, generation);
        weights.Save(folder);
        return new TinyModel(folder, config, weights.BaseHash);
    }

    /// <summary>
    /// Writes an expert into <c>experts/&lt;id&gt;</c> of the model's folder, where the server finds it.
    /// </summary>
    public Expert AddExpert(string id, int seed) => WriteExpert(Path.Combine(Folder, "experts", id), id, seed);

    /// <summary>Writes an expert of rank 4 for all seven linear layers.</summary>
    public Expert WriteExpert(string folder, string name, int seed, string? baseHash = null)
    {
        var random = new Random(seed);
        var factors =
            from layer in Enumerable.Range(0, Config.LayerCount)
            from module in ModelTensors.Modules
            let shape = Config.Shape(module)
            select new LoraFactors(
                layer,
                module,
                4,
                shape.Inputs,
                shape.Outputs,
                2,
                Normal(random, 4 * shape.Inputs, 0.3f),
                Normal(random, shape.Outputs * 4, 0.3f));
        var expert = ExpertContent.Create(
            name, factors, new ExpertProvenance(baseHash ?? BaseHash, InitSeed: seed, Preference: name,
                Method: "random"));
        return AdapterFolder.Save(expert, folder);
    }

    private static float[] Normal(Random random, int count, float deviation)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            values[i] = deviation * (float)(radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return values;
    }
}
