using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Training;
using SoupsActors.Models.Files;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;
using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Learning.Tests.Rewards;

/// <summary>A random base of a few thousand weights, reward models on it, and comparisons whose rule is known.</summary>
internal sealed class TinyReward : IDisposable
{
    /// <summary>The token that good answers hold.</summary>
    public const int Good = 7;

    public const string BaseHash = "b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1";

    public static readonly TransformerConfig Config = new()
    {
        HiddenSize = 16,
        IntermediateSize = 24,
        LayerCount = 2,
        HeadCount = 2,
        KeyValueHeadCount = 1,
        HeadSize = 8,
        VocabularySize = 20,
        MaxPositions = 24,
        TieWordEmbeddings = true,
    };

    public TinyReward(int seed = 1)
    {
        using var random = TrainableTransformer.Random(Backend, Config, seed);
        using var weights = ModelWeights.Create(
            Config, random.Parameters.ToDictionary(p => p.Key, p => p.Value.ToArray().Select(v => v * 4).ToArray()));
        Transformer = TrainableTransformer.Frozen(Backend, weights);
    }

    public Backend Backend { get; } = CpuBackend.Create(new CpuOptions { Threads = 1 });

    public TrainableTransformer Transformer { get; }

    /// <summary>Dropout of the models made from now on.</summary>
    public double Dropout { get; set; }

    public static RewardTrainingOptions Options(int steps = 60) => new()
    {
        Steps = steps,
        Schedule = new LearningRateSchedule(ScheduleKind.Constant, 0.02, steps),
        BatchPairs = 8,
        Seed = 3,
    };

    /// <summary>Pairs of random answers; the chosen one holds the good token.</summary>
    public static TokenPair[] Pairs(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => new TokenPair([1, random.Next(8, 20)], Answer(true), Answer(false)))];

        int[] Answer(bool good)
        {
            var tokens = Enumerable.Range(0, random.Next(2, 6)).Select(_ => random.Next(8, 20)).ToArray();
            if (good)
                tokens[random.Next(tokens.Length)] = Good;
            return [.. tokens, 2];
        }
    }

    public RewardModel Model(int headSeed = 1, string? preference = "P1A") => RewardModel.Create(
        Transformer, BaseHash, new RewardModelOptions
        {
            Lora = new LoraOptions { Rank = 4, Alpha = 8, InitSeed = 2, Dropout = Dropout },
            HeadSeed = headSeed,
            Preference = preference,
        });

    public void Dispose()
    {
        Transformer.Dispose();
        Backend.Dispose();
    }
}

/// <summary>Keeps all metrics.</summary>
internal sealed class Collected : IProgress<TrainingMetrics>
{
    public List<TrainingMetrics> All { get; } = [];

    public void Report(TrainingMetrics value) => All.Add(value);
}
