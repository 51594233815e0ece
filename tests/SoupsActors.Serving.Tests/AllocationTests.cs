using System.Buffers;
using SoupsActors.Serving.Benchmarks;
using SoupsActors.Serving.Tests.Fakes;

namespace SoupsActors.Serving.Tests;

public sealed class AllocationTests
{
    [Fact]
    public void The_loop_makes_no_garbage_per_token()
    {
        var engine = GenerationEngine.WithoutThread(
            new FakeStepModel(contextLength: 600, blockCount: 1000),
            new LetterText(),
            new EngineOptions { MaxSequences = 4 });
        SamplingOptions[] sampling =
        [
            new() { Temperature = 0, Seed = 0 },
            new() { Seed = 1, TopK = 5, TopP = 0.9f, RepetitionPenalty = 1.1f, NoRepeatNgram = 9 },
            new() { Seed = 2, MinP = 0.01f },
            new() { Seed = 3, TopP = 0.9f },
        ];
        var answers = sampling
            .Select(s => engine.Submit(Requests.Of([1, 2], 500, ("e0", 1)) with
            {
                Sampling = s,
                Stop = ["abcabcabcabcabcabc"],
            }))
            .ToArray();
        for (var i = 0; i < 200; i++)
            StepAndSkip();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            StepAndSkip();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        engine.StopNow();

        void StepAndSkip()
        {
            engine.Step();
            foreach (var answer in answers)
                Assert.False(answer.Skip());
        }
    }

    [Fact]
    public void The_benchmark_reports_every_kind_of_rows_at_every_batch_size()
    {
        using var model = new FakeStepModel(contextLength: 100, blockCount: 400);
        var results = DecodeBenchmark.Run(
            model,
            [[1, 2, 3], [4]],
            [DecodeRows.Base, DecodeRows.Mixed([.. Enumerable.Range(0, 6).Select(i => Requests.Expert($"e{i}"))])],
            new DecodeBenchmarkOptions { MeasuredSteps = 16 }).ToList();

        Assert.Equal(["base", "base", "base", "6 experts", "6 experts", "6 experts"], results.Select(r => r.Rows));
        Assert.Equal([1, 8, 32, 1, 8, 32], results.Select(r => r.Batch));
        Assert.Equal([1, 1, 1, 1, 8, 32], results.Select(r => r.Mixes));
        Assert.All(results, r => Assert.Equal(16 * r.Batch, r.Tokens));
        Assert.All(results, r => Assert.True(r.TokensPerSecond > 0));
        Assert.False(model.IsDisposed);
    }

    [Fact]
    public void A_benchmark_that_does_not_fit_says_so()
    {
        using var small = new FakeStepModel(contextLength: 100, blockCount: 60);
        Assert.Throws<InvalidOperationException>(() => DecodeBenchmark.Run(small, [[1]], [DecodeRows.Base]).ToList());
    }

    /// <summary>One letter a token, without garbage of its own.</summary>
    private sealed class LetterText : ITokenText, ITokenTextStream
    {
        public ITokenTextStream CreateStream() => this;

        public void Append(int token, IBufferWriter<char> text) => text.Write([(char)('a' + token % 3)]);

        public void Flush(IBufferWriter<char> text)
        {
        }
    }
}
