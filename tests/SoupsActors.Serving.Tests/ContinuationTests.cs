using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Inference;
using SoupsActors.Serving.Tests.Fakes;

namespace SoupsActors.Serving.Tests;

/// <summary>An answer that one engine began and another goes on with is the answer of one engine.</summary>
public sealed class ContinuationTests
{
    private static readonly string[] StopTexts = ["abc", "bca", "é", "b c", "aa", "€", "cab", "😀"];

    [Fact]
    public void An_answer_broken_off_anywhere_goes_on_elsewhere_as_it_would_have() =>
        Check(60, blocks => new FakeStepModel(blockCount: blocks), [Requests.Expert("e0"), Requests.Expert("e1")]);

    [Fact]
    public void An_answer_of_a_transformer_broken_off_anywhere_goes_on_elsewhere_as_it_would_have()
    {
        using var llama = new TinyLlama();
        Check(8, llama.CreateModel, llama.Experts);
    }

    [Fact]
    public void A_continued_answer_counts_its_tokens_once_and_shares_the_batch_with_others()
    {
        var engine = GenerationEngine.WithoutThread(new FakeStepModel(), new FakeText());
        var whole = Requests.Drain(engine, engine.Submit(Requests.Of([1, 2, 3], maxTokens: 8)));
        var other = Requests.Drain(engine, engine.Submit(Requests.Of([4], maxTokens: 6)));
        var continued = engine.Submit(Requests.Of([1, 2, 3], maxTokens: 8) with { Continuation = whole.Tokens[..5] });
        var beside = engine.Submit(Requests.Of([4], maxTokens: 6));
        var received = Requests.Drain(engine, continued);
        Assert.Equal(whole.Tokens[5..], received.Tokens);
        Assert.Equal(new TokenUsage(3, 8), received.Usage);
        Assert.Equal(other.ToString(), Requests.Drain(engine, beside).ToString());
        engine.StopNow();
    }

    [Theory]
    [InlineData(new[] { 1, 2, 3 }, 3, "nothing left")]
    [InlineData(new[] { 1, 9 }, 8, "end token 9")]
    [InlineData(new[] { 1, 99 }, 8, "not in the vocabulary")]
    [InlineData(new[] { 0, 1, 2 }, 8, "stop text")]
    public void A_continuation_that_cannot_go_on_is_refused(int[] continuation, int maxTokens, string why)
    {
        var engine = GenerationEngine.WithoutThread(new FakeStepModel(), new FakeText());
        var error = Assert.Throws<RequestRefusedException>(() => engine.Submit(Requests.Of([1], maxTokens) with
        {
            Continuation = continuation,
            StopTokens = [9],
            Stop = ["abc"],
        }));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        engine.StopNow();
    }

    [Fact]
    public void A_continuation_without_the_seed_of_its_beginning_is_refused()
    {
        var engine = GenerationEngine.WithoutThread(new FakeStepModel(), new FakeText());
        Assert.Throws<RequestRefusedException>(() => engine.Submit(
            Requests.Of([1]) with { Continuation = [1], Sampling = new SamplingOptions() }));
        engine.StopNow();
    }

    private static void Check(int requests, Func<int, IStepModel> createModel, IReadOnlyList<Expert> experts) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed => Holds(new Random(seed), createModel, experts))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(requests));

    private static void Holds(Random random, Func<int, IStepModel> createModel, IReadOnlyList<Expert> experts)
    {
        var request = new GenerationRequest
        {
            Prompt = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(24))],
            MaxTokens = random.Next(2, 20),
            Mix = Mix.Create(MergeMode.Product, experts.Take(2).Select(e => new MixTerm(e.Hash, random.Next(-2, 3) / 2f))),
            Experts = [.. experts.Take(2)],
            Stop = random.GetItems(StopTexts, random.Next(3)),
            StopTokens = random.Next(3) == 0 ? [random.Next(24)] : [],
            LogProbabilities = 1,
            Sampling = new SamplingOptions
            {
                Temperature = random.Next(3) / 2f,
                TopK = random.Next(3) == 0 ? 5 : 0,
                TopP = random.Next(3) == 0 ? 0.8f : 1,
                RepetitionPenalty = random.Next(3) == 0 ? 1.2f : 1,
                NoRepeatNgram = random.Next(3) == 0 ? 3 : 0,
                Seed = (ulong)random.NextInt64(),
            },
        };
        var whole = Updates(request);
        for (var cut = 1; cut < whole.Count; cut++)
        {
            var received = new Received();
            foreach (var update in whole.Take(cut))
                received.Add(update);
            var rest = Updates(request with { Continuation = [.. received.Tokens] });
            foreach (var update in rest)
                received.Add(update);
            var expected = new Received();
            foreach (var update in whole)
                expected.Add(update);
            Assert.Equal(expected.ToString(), received.ToString());
        }

        List<GenerationUpdate> Updates(GenerationRequest asked)
        {
            var options = new EngineOptions { PrefillChunk = random.Next(1, 9) };
            var engine = GenerationEngine.WithoutThread(createModel(12), new FakeText(), options);
            var answer = engine.Submit(asked);
            List<GenerationUpdate> updates = [];
            while (updates is not [.., { FinishReason: not null }])
            {
                engine.Step();
                if (answer.TryTake() is { } update)
                    updates.Add(update);
            }

            engine.StopNow();
            return updates;
        }
    }
}
