using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Tests.Files;

namespace SoupsActors.Models.Tests.Experts;

/// <summary>Random experts for the tiny model.</summary>
internal static class Samples
{
    public static readonly TransformerConfig Config = TinyModels.Config();

    public static readonly string BaseHash = new('a', 64);

    public static Expert Expert(
        int seed,
        int rank = 2,
        float scale = 2,
        long? initSeed = 7,
        string? baseHash = null,
        Func<int, TargetModule, bool>? only = null,
        Func<int, TargetModule, int>? rankOf = null)
    {
        var random = new Random(seed);
        var factors =
            from layer in Enumerable.Range(0, Config.LayerCount)
            from module in ModelTensors.Modules
            where only?.Invoke(layer, module) ?? true
            select Factors(random, layer, module, rankOf?.Invoke(layer, module) ?? rank, scale);
        return ExpertContent.Create(
            $"expert-{seed}", factors.ToArray(), new ExpertProvenance(baseHash ?? BaseHash, initSeed));
    }

    public static Mix Mix(MergeMode mode, params (Expert Expert, float Weight)[] terms) =>
        Models.Experts.Mix.Create(mode, terms.Select(t => new MixTerm(t.Expert.Hash, t.Weight)));

    public static LoraFactors Factors(Random random, int layer, TargetModule module, int rank, float scale)
    {
        var (outputs, inputs) = Config.Shape(module);
        return new LoraFactors(
            layer, module, rank, inputs, outputs, scale,
            TinyModels.Values(random, rank * inputs), TinyModels.Values(random, outputs * rank));
    }

    /// <summary>s B A, by the definition and nothing else.</summary>
    public static double[] Dense(LoraFactors f)
    {
        var delta = new double[f.Outputs * f.Inputs];
        for (var o = 0; o < f.Outputs; o++)
        {
            for (var i = 0; i < f.Inputs; i++)
            {
                double sum = 0;
                for (var k = 0; k < f.Rank; k++)
                    sum += (double)f.B[(o * f.Rank) + k] * f.A[(k * f.Inputs) + i];
                delta[(o * f.Inputs) + i] = f.Scale * sum;
            }
        }

        return delta;
    }

    public static void Close(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"[{i}] {expected[i]} is not {actual[i]}");
    }
}
