using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Inference;
using SoupsActors.Tensors;
using SoupsActors.Testing;

namespace SoupsActors.Serving.Tests.Fakes;

/// <summary>A real transformer with seeded random weights and experts, small enough for property tests.</summary>
internal sealed class TinyLlama : IDisposable
{
    public const int VocabularySize = 24;

    private static readonly TransformerConfig Config = new()
    {
        HiddenSize = 12,
        IntermediateSize = 19,
        LayerCount = 2,
        HeadCount = 2,
        KeyValueHeadCount = 1,
        HeadSize = 6,
        VocabularySize = VocabularySize,
        MaxPositions = 48,
    };

    private readonly Backend backend = new ReferenceBackend();
    private readonly ModelWeights weights;

    public TinyLlama()
    {
        var random = new Random(1);
        weights = ModelWeights.Create(Config, ModelTensors.Expected(Config).ToDictionary(
            t => t.Key, t => t.Value.Length == 1
                ? Numbers(random, t.Value[0], 1, 0.3)
                : Numbers(random, t.Value[0] * t.Value[1], 0, 2 / Math.Sqrt(t.Value[1]))));
        Experts = [.. Enumerable.Range(0, 6).Select(i => MakeExpert(new Random(100 + i), $"expert {i}"))];
    }

    public IReadOnlyList<Expert> Experts { get; }

    public IStepModel CreateModel(int blocks) => new LlamaStepModel(
        backend, weights, new StepModelOptions { BlockTokens = 4, BlockCount = blocks, ContextLength = 48 });

    public void Dispose()
    {
        weights.Dispose();
        backend.Dispose();
    }

    private static float[] Numbers(Random random, long count, double mean, double deviation) =>
        [.. Enumerable.Range(0, (int)count).Select(_ => (float)(mean + deviation * (2 * random.NextDouble() - 1)))];

    private Expert MakeExpert(Random random, string name)
    {
        const int Rank = 2;
        var factors = from layer in Enumerable.Range(0, Config.LayerCount)
                      from module in ModelTensors.Modules
                      let shape = Config.Shape(module)
                      select new LoraFactors(
                          layer, module, Rank, shape.Inputs, shape.Outputs, 0.5f,
                          Numbers(random, Rank * shape.Inputs, 0, 0.7), Numbers(random, shape.Outputs * Rank, 0, 0.7));
        return ExpertContent.Create(name, factors, new ExpertProvenance(weights.BaseHash, InitSeed: 3));
    }
}
