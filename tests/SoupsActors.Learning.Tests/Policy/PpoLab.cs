using SoupsActors.Learning.Policy;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Learning.Training;
using SoupsActors.Models.Files;
using SoupsActors.Models.Inference;
using SoupsActors.Models.Training;
using SoupsActors.Serving;
using SoupsActors.Tensors;
using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Learning.Tests.Policy;

/// <summary>
/// A random model of 12 tokens with an engine of the same weights. The reward is the share of an answer's tokens that
/// are below 4, so that chance earns about a third.
/// </summary>
internal sealed class PpoLab : IAsyncDisposable
{
    public const int EndToken = 0;
    public const int MaxTokens = 8;

    private static readonly TransformerConfig Config = new()
    {
        HiddenSize = 16,
        IntermediateSize = 24,
        LayerCount = 2,
        HeadCount = 2,
        KeyValueHeadCount = 1,
        HeadSize = 8,
        VocabularySize = 12,
        MaxPositions = 32,
        TieWordEmbeddings = true,
    };

    private static readonly LoraOptions Lora = new() { Rank = 4, Alpha = 8, InitSeed = 3 };

    private readonly ModelWeights weights;
    private readonly GenerationEngine engine;

    public PpoLab(double dropout = 0)
    {
        weights = ModelWeights.Create(Config, RandomTensors(seed: 5));
        Model = TrainableTransformer.Frozen(Backend, weights);
        Policy = new LoraAdapter(Backend, Config, Lora with { Dropout = dropout });
        Critic = Critic.Create(Backend, Config, Lora with { InitSeed = 4 });
        engine = new GenerationEngine(new LlamaStepModel(Backend, weights, new StepModelOptions { BlockCount = 256 }));
        Rollouts = new EngineSource(engine);
        Environment = new PpoEnvironment
        {
            BaseHash = weights.BaseHash,
            Prompts = step => [.. Enumerable.Range(0, 32).Select(i => Prompt((step * 31 + i) % 7))],
            Rollouts = Rollouts,
            Reward = new RuleReward("share-below-4", Share),
        };
    }

    public CpuBackend Backend { get; } = CpuBackend.Create(new CpuOptions { Threads = 1 });

    public TrainableTransformer Model { get; }

    public LoraAdapter Policy { get; }

    public Critic Critic { get; }

    public EngineSource Rollouts { get; }

    public PpoEnvironment Environment { get; set; }

    public List<TrainingMetrics> Seen { get; } = [];

    public static PpoOptions Options { get; } = new()
    {
        Steps = 4,
        MaxTokens = MaxTokens,
        Seed = 11,
        Epochs = 2,
        MiniBatch = 16,
        PolicySchedule = new LearningRateSchedule(ScheduleKind.Constant, 3e-3, 1),
        CriticSchedule = new LearningRateSchedule(ScheduleKind.Constant, 5e-3, 1),
    };

    public static RolloutPrompt Prompt(int i) => new($"prompt {i}", [5, 1 + i, 6]);

    public static double Share(Rollout rollout) => rollout.Response.Count(t => t < 4) / (double)rollout.Response.Length;

    public Task<PpoResult> TrainAsync(
        PpoOptions options, PpoFiles? files = null, CancellationToken cancellation = default) => PpoTraining.RunAsync(
        Model, Policy, Critic, Environment, options, files, new Collect(Seen), cancellation: cancellation);

    /// <summary>Everything that was trained, for comparisons to the bit.</summary>
    public float[] Weights() => [.. Policy.Parameters.Concat(Critic.Parameters).SelectMany(p => p.ToArray())];

    public async ValueTask DisposeAsync()
    {
        await engine.DisposeAsync();
        Critic.Dispose();
        Policy.Dispose();
        Model.Dispose();
        weights.Dispose();
        Backend.Dispose();
    }

    private static Dictionary<string, float[]> RandomTensors(int seed)
    {
        var random = new Random(seed);
        return ModelTensors.Expected(Config).ToDictionary(
            t => t.Key,
            t => t.Key.Contains("norm", StringComparison.Ordinal)
                ? [.. Enumerable.Repeat(1f, (int)t.Value[0])]
                : Normal((int)t.Value.Aggregate(1L, (a, b) => a * b)));

        float[] Normal(int count) => [.. Enumerable.Range(0, count).Select(_ => 0.25f * (float)(Math.Sqrt(
            -2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }

    private sealed class Collect(List<TrainingMetrics> seen) : IProgress<TrainingMetrics>
    {
        public void Report(TrainingMetrics value) => seen.Add(value);
    }

    /// <summary>The engine without text.</summary>
    internal sealed class EngineSource(GenerationEngine engine) : IRolloutSource
    {
        /// <summary>Called before each sampling with the number of the call, from 1.</summary>
        public Action<int> Sampling { get; set; } = _ => { };

        public int Calls { get; private set; }

        public async Task<IReadOnlyList<Rollout>> SampleAsync(
            IReadOnlyList<RolloutPrompt> prompts,
            RolloutPolicy policy,
            RolloutOptions options,
            CancellationToken cancellationToken = default)
        {
            Sampling(++Calls);
            cancellationToken.ThrowIfCancellationRequested();
            return await Task.WhenAll(prompts.Select(async (prompt, row) =>
            {
                var request = new GenerationRequest
                {
                    Prompt = prompt.Tokens,
                    Mix = policy.Mix,
                    Experts = policy.Experts,
                    Sampling = options.Sampling with { Seed = RolloutSeeds.Of(options.Seed, row) },
                    MaxTokens = options.MaxTokens,
                    StopTokens = [EndToken],
                };
                var tokens = new List<int>();
                await foreach (var update in engine.GenerateAsync(request, cancellationToken))
                    tokens.AddRange(update.Tokens);
                return new Rollout(prompt, [.. tokens], tokens[^1] == EndToken, string.Join(' ', tokens));
            }));
        }
    }
}
