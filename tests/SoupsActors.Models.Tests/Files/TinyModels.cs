using SoupsActors.Models.Files;

namespace SoupsActors.Models.Tests.Files;

/// <summary>Models of a few hundred parameters with seeded random weights.</summary>
internal static class TinyModels
{
    public static TransformerConfig Config(ModelFamily family = ModelFamily.Llama, bool tied = false) => new()
    {
        Family = family,
        HiddenSize = 8,
        IntermediateSize = 12,
        LayerCount = 2,
        HeadCount = 2,
        KeyValueHeadCount = 1,
        HeadSize = 4,
        VocabularySize = 16,
        MaxPositions = 32,
        TieWordEmbeddings = tied,
    };

    public static Dictionary<string, float[]> Tensors(TransformerConfig config, int seed = 1)
    {
        var random = new Random(seed);
        return ModelTensors.Expected(config).ToDictionary(
            t => t.Key, t => Values(random, t.Value.Aggregate(1L, (a, b) => a * b)));
    }

    public static ModelWeights Weights(TransformerConfig config, int seed = 1) =>
        ModelWeights.Create(config, Tensors(config, seed));

    public static float[] Values(Random random, long count)
    {
        var values = new float[count];
        foreach (ref var value in values.AsSpan())
            value = (random.NextSingle() * 2) - 1;
        return values;
    }
}
