using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Models.Experts;
using SoupsActors.Serving.Delivery;
using SoupsActors.Serving.Tests.Fakes;

namespace SoupsActors.Serving.Tests;

/// <summary>Random schedules of requests: whatever happens beside a row, it gets what it would get alone.</summary>
public sealed class ScheduleTests
{
    private static readonly string[] ExpertHashes = ["e0", "e1", "e2", "e3", "e4", "e5"];
    private static readonly string[] StopTexts = ["abc", "bca", "é", "b c", "aa", "€", "cab", "😀"];

    [Fact]
    public void Every_completed_row_equals_the_same_request_alone() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), Holds).Check(
            Config.QuickThrowOnFailure.WithMaxTest(150));

    private static void Holds(int seed)
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
        var model = new FakeStepModel(blockCount: random.Next(12, 40));
        var clients = Enumerable.Range(0, random.Next(1, 12)).Select(_ => new Client(random)).ToList();
        var engine = GenerationEngine.WithoutThread(model, new FakeText(), options);

        for (var step = 0; clients.Any(c => !c.IsOver); step++)
        {
            Assert.True(step < 3000, $"Deadlock: {engine.Statistics}");
            foreach (var client in clients)
                client.Act(engine, step);
            engine.Step();
            Assert.InRange(model.Residents.Count, 0, options.MaxResidentExperts);
            Assert.InRange(engine.Statistics.LastBatchRows, 0, options.MaxSequences);
        }

        engine.Step();
        var statistics = engine.Statistics;
        Requests.Stop(engine);
        Assert.Equal(statistics.TotalBlocks, statistics.FreeBlocks);
        Assert.Equal((0, 0), (statistics.RunningRows, statistics.QueueLength));
        Assert.InRange(model.LargestStep, 0, options.MaxTokensPerStep);
        foreach (var client in clients.Where(c => c.Received.FinishReason is not null))
        {
            var alone = Requests.RunAlone(client.Request, new FakeStepModel(), new FakeText());
            Assert.Equal(alone.ToString(), client.Received.ToString());
        }
    }

    /// <summary>A request with its arrival, its reader's pace and perhaps a moment to leave.</summary>
    private sealed class Client(Random random)
    {
        private readonly int arrival = random.Next(30);
        private readonly int pace = random.Next(3) switch { 0 => 1, 1 => 3, _ => 12 };
        private readonly int? leaves = random.Next(4) == 0 ? random.Next(60) : null;
        private Answer? answer;

        public GenerationRequest Request { get; } = MakeRequest(random);

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

        private static GenerationRequest MakeRequest(Random random)
        {
            var experts = random.GetItems(ExpertHashes, random.Next(4)).Distinct().ToArray();
            return new GenerationRequest
            {
                Prompt = [.. Enumerable.Range(0, random.Next(1, 25)).Select(_ => random.Next(24))],
                MaxTokens = random.Next(1, 24),
                Mix = Mix.Create(
                    random.Next(2) == 0 ? MergeMode.Product : MergeMode.Factor,
                    experts.Select(e => new MixTerm(e, random.Next(-2, 3) / 2f))),
                Experts = [.. experts.Select(Requests.Expert)],
                Stop = random.GetItems(StopTexts, random.Next(3)),
                StopTokens = random.Next(3) == 0 ? [random.Next(24)] : [],
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
