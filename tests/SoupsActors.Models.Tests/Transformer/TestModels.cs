using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;

namespace SoupsActors.Models.Tests.Transformer;

/// <summary>Small models and experts with seeded random weights.</summary>
internal static class TestModels
{
    /// <summary>Odd sizes throughout, so that no kernel runs without a remainder.</summary>
    public static TransformerConfig Config { get; } = new()
    {
        HiddenSize = 20,
        IntermediateSize = 37,
        LayerCount = 2,
        HeadCount = 4,
        KeyValueHeadCount = 2,
        HeadSize = 6,
        VocabularySize = 51,
        MaxPositions = 64,
        RmsNormEpsilon = 1e-5,
    };

    public static ModelWeights Weights(TransformerConfig config, int seed = 1) =>
        ModelWeights.Create(config, Tensors(config, seed));

    public static Dictionary<string, float[]> Tensors(TransformerConfig config, int seed = 1)
    {
        var random = new Random(seed);
        return ModelTensors.Expected(config).ToDictionary(t => t.Key, t => t.Value.Length == 1
            ? Numbers(random, t.Value[0], t.Key.EndsWith(".bias", StringComparison.Ordinal) ? 0 : 1, 0.3)
            : Numbers(random, t.Value[0] * t.Value[1], 0, 1.5 / Math.Sqrt(t.Value[1])));
    }

    /// <summary>An expert with random factors, by default on every linear layer.</summary>
    public static Expert Expert(
        ModelWeights weights, int seed, int rank = 4, float scale = 0.5f, TargetModule[]? targets = null,
        long? initSeed = null, double size = 0.4)
    {
        var random = new Random(1000 + seed);
        var factors = new List<LoraFactors>();
        for (var layer = 0; layer < weights.Config.LayerCount; layer++)
        {
            foreach (var module in targets ?? Enum.GetValues<TargetModule>())
            {
                var (outputs, inputs) = weights.Config.Shape(module);
                factors.Add(new LoraFactors(
                    layer, module, rank, inputs, outputs, scale,
                    Numbers(random, rank * inputs, 0, size),
                    Numbers(random, outputs * rank, 0, size)));
            }
        }

        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(seed)));
        return new Expert(hash, $"expert {seed}", factors, new ExpertProvenance(weights.BaseHash, initSeed));
    }

    public static Mix Product(params (Expert Expert, float Weight)[] terms) => Create(MergeMode.Product, terms);

    public static Mix Factor(params (Expert Expert, float Weight)[] terms) => Create(MergeMode.Factor, terms);

    public static int[] Tokens(int count, int seed, TransformerConfig? config = null)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next((config ?? Config).VocabularySize))];
    }

    private static Mix Create(MergeMode mode, (Expert Expert, float Weight)[] terms) =>
        Mix.Create(mode, terms.Select(t => new MixTerm(t.Expert.Hash, t.Weight)));

    private static float[] Numbers(Random random, long count, double mean, double deviation)
    {
        var numbers = new float[count];
        for (var i = 0; i < count; i++)
            numbers[i] = (float)(mean + deviation * Math.Sqrt(12) * (random.NextDouble() - 0.5));
        return numbers;
    }
}
