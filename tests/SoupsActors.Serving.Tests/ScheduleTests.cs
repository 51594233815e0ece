using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Inference;
using SoupsActors.Serving.Delivery;
using SoupsActors.Serving.Tests.Fakes;

namespace SoupsActors.Serving.Tests;

/// <summary>Random schedules of requests: whatever happens beside a row, it gets what it would get alone.</summary>
public sealed class ScheduleTests
{
    private static readonly string[] StopTexts = ["abc", "bca", "é", "b c", "aa", "€", "cab", "😀"];

    [Fact]
    public void Every_completed_row_equals_the_same_request_alone() => Check(150, new World(
        blocks => new FakeStepModel(blockCount: blocks),
        [.. Enumerable.Range(0, 6).Select(i => Requests.Expert($"e{i}"))],
        VocabularySize: 24));

    [Fact]
    public void Every_completed_row_of_a_transformer_equals_the_same_request_alone()
    {
        using var llama = new TinyLlama();
        Check(15, new World(llama.CreateModel, llama.Experts, TinyLlama.VocabularySize));
    }

    private static void Check(int schedules, World world) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed => Holds(seed, world)).Check(
            Config.QuickThrowOnFailure.WithMaxTest(schedules));

    private static void Holds(int seed, World world)
    {
        var random = new Random(seed);
        var sequences = random.Next(1, 6);
        var tokensPerStep = sequences + random.Next(20);
        var options = new EngineOptions
        {
            MaxSequences = sequences,
            MaxTokensPerStep = tokensPerStep,
            PrefillChunk = random.Next(1, Math.Min(9, tokensPerStep + 1)),
            MaxResidentExperts = random.Next(3, 6),
            BufferTokens = random.Next(1, 5),
        };
        using var model = world.CreateModel(random.Next(12, 40));
        var clients = Enumerable.Range(0, random.Next(1, 12)).Select(_ => new Client(random, world)).ToList();
        var engine = GenerationEngine.WithoutThread(model, new FakeText(), options);

        for (var step = 0; clients.Any(c => !c.IsOver); step++)
        {
            Assert.True(step < 3000, $"Deadlock: {engine.Statistics}");
            foreach (var client in clients)
                client.Act(engine, step);
            engine.Step();
            Assert.InRange(engine.Statistics.ResidentExperts, 0, options.MaxResidentExperts);
            Assert.InRange(engine.Statistics.LastBatchRows, 0, options.MaxSequences);
            Assert.InRange(engine.Statistics.LastBatchTokens, 0, options.MaxTokensPerStep);
        }

        engine.Step();
        var statistics = engine.Statistics;
        engine.StopNow();
        Assert.Equal(statistics.TotalBlocks, statistics.FreeBlocks);
        Assert.Equal((0, 0), (statistics.RunningRows, statistics.QueueLength));
        foreach (var client in clients.Where(c => c.Received.FinishReason is not null))
        {
            var alone = Requests.RunAlone(client.Request, world.CreateModel(12), new FakeText());
            Assert.Equal(alone.ToString(), client.Received.ToString());
        }
    }

    /// <param name="CreateModel">Makes a model with so many blocks of four tokens, for contexts of 48.</param>
    /// <param name="Experts">What mixes draw from.</param>
    /// <param name="VocabularySize">Tokens of the model.</param>
    private sealed record World(Func<int, IStepModel> CreateModel, IReadOnlyList<Expert> Experts, int VocabularySize);

    /// <summary>A request with its arrival, its reader's pace and perhaps a moment to leave.</summary>
    private sealed class Client(Random random, World world)
    {
        private readonly int arrival = random.Next(30);
        private readonly int pace = random.Next(3) switch { 0 => 1, 1 => 3, _ => 12 };
        private readonly int? leaves = random.Next(4) == 0 ? random.Next(60) : null;
        private Answer? answer;

        public GenerationRequest Request { get; } = MakeRequest(random, world);

        public Received Received { get; } = new();

        public bool IsOver { get; private set; }

        public void Act(GenerationEngine engine, int step)
        {
            if (IsOver || step < arrival)
                return;
            answer ??= engine.Submit(Request);
            if (step >= leaves)
            {
                answer.Abandon();
                IsOver = true;
            }
            else if (step % pace == 0)
            {
                IsOver = Received.Add(answer.TryTake());
            }
        }

        private static GenerationRequest MakeRequest(Random random, World world)
        {
            var experts = world.Experts.OrderBy(_ => random.Next()).Take(random.Next(4)).ToArray();
            return new GenerationRequest
            {
                Prompt = [.. Enumerable.Range(0, random.Next(1, 25)).Select(_ => random.Next(world.VocabularySize))],
                MaxTokens = random.Next(1, 24),
                Mix = Mix.Create(
                    random.Next(2) == 0 ? MergeMode.Product : MergeMode.Factor,
                    experts.Select(e => new MixTerm(e.Hash, random.Next(-2, 3) / 2f))),
                Experts = experts,
                Stop = random.GetItems(StopTexts, random.Next(3)),
                StopTokens = random.Next(3) == 0 ? [random.Next(world.VocabularySize)] : [],
                LogProbabilities = random.Next(3) == 0 ? random.Next(4) : null,
                FairnessKey = random.Next(3) == 0 ? null : $"user {random.Next(3)}",
                Sampling = new SamplingOptions
                {
                    Temperature = random.Next(4) / 2f,
                    TopK = random.Next(3) == 0 ? random.Next(1, 10) : 0,
                    TopP = random.Next(3) == 0 ? 0.8f : 1,
                    MinP = random.Next(3) == 0 ? 0.05f : 0,
                    RepetitionPenalty = random.Next(3) == 0 ? 1.2f : 1,
                    NoRepeatNgram = random.Next(3) == 0 ? 3 : 0,
                    LogitBias = random.Next(3) == 0 ? new Dictionary<int, float> { [3] = 2, [5] = -100 } : [],
                    Seed = (ulong)random.NextInt64(),
                },
            };
        }
    }
}
