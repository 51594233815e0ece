using SoupsActors.Models.Experts;
using SoupsActors.Serving.Tests.Fakes;
using SoupsActors.Testing;

namespace SoupsActors.Serving.Tests;

/// <summary>The engine through its public door; steps are made by the test unless a test says otherwise.</summary>
public sealed class GenerationEngineTests
{
    private static CancellationToken TestCancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Concurrent_readers_on_the_engines_own_thread_get_what_they_get_alone()
    {
        await using var engine = new GenerationEngine(new FakeStepModel(blockCount: 100), new FakeText());
        var requests = Enumerable.Range(0, 32)
            .Select(i => Requests.Of([i % 24, 1, 2], 12, ("e0", i), ("e1", 1 - i / 9f)) with { LogProbabilities = 1 })
            .ToArray();
        var answers = await Task.WhenAll(requests.Select(r => ReadAsync(engine, r)));
        for (var i = 0; i < requests.Length; i++)
        {
            var alone = Requests.RunAlone(requests[i], new FakeStepModel(), new FakeText());
            Assert.Equal(alone.ToString(), answers[i].ToString());
        }
    }

    [Fact]
    public void Usage_and_finish_reason_count_every_token()
    {
        var received = Requests.RunAlone(Requests.Of([1, 2, 3], maxTokens: 5), new FakeStepModel());
        Assert.Equal(FinishReason.Length, received.FinishReason);
        Assert.Equal(new TokenUsage(3, 5), received.Usage);
        Assert.Equal(5, received.Tokens.Count);
        Assert.Equal(7UL, received.Seed);
    }

    [Fact]
    public void The_contexts_end_is_a_length_limit()
    {
        var received = Requests.RunAlone(
            Requests.Of([.. Enumerable.Repeat(1, 45)], maxTokens: 100), new FakeStepModel());
        Assert.Equal((FinishReason.Length, 3), (received.FinishReason, received.Tokens.Count));
    }

    [Fact]
    public void A_stop_token_is_counted_but_has_no_text()
    {
        var request = Requests.Of([1, 2, 3], maxTokens: 6);
        var free = Requests.RunAlone(request, new FakeStepModel(), new FakeText());
        var stop = free.Tokens[2];
        var length = free.Tokens.IndexOf(stop) + 1;
        var received = Requests.RunAlone(request with { StopTokens = [stop] }, new FakeStepModel(), new FakeText());
        Assert.Equal(FinishReason.Stop, received.FinishReason);
        Assert.Equal(free.Tokens[..length], received.Tokens);
        Assert.Equal(length, received.Usage!.Value.CompletionTokens);
        Assert.Equal(FakeText.Decode(received.Tokens.SkipLast(1)), received.Text);
    }

    [Fact]
    public void Text_is_that_of_all_tokens_whatever_characters_span_them()
    {
        for (var seed = 0UL; seed < 50; seed++)
        {
            var sampling = new SamplingOptions { Seed = seed, Temperature = 5 };
            var request = Requests.Of([1], maxTokens: 20) with { Sampling = sampling };
            var received = Requests.RunAlone(request, new FakeStepModel(), new FakeText());
            Assert.Equal(FakeText.Decode(received.Tokens), received.Text);
        }
    }

    [Fact]
    public void A_seed_that_is_not_given_is_drawn_and_reported()
    {
        var request = Requests.Of([1], maxTokens: 10) with { Sampling = new SamplingOptions { Temperature = 2 } };
        var first = Requests.RunAlone(request, new FakeStepModel());
        var again = Requests.RunAlone(
            request with { Sampling = request.Sampling with { Seed = first.Seed } }, new FakeStepModel());
        Assert.Equal(first.ToString(), again.ToString());
        Assert.NotEqual(first.Seed, Requests.RunAlone(request, new FakeStepModel()).Seed);
    }

    [Fact]
    public async Task Cancelling_ends_the_reader_and_frees_its_row()
    {
        using var source = new CancellationTokenSource();
        await using var engine = GenerationEngine.WithoutThread(new FakeStepModel());
        await using var reader = engine.GenerateAsync(Requests.Of([1], 40), source.Token)
            .GetAsyncEnumerator(TestCancelled);
        var next = reader.MoveNextAsync();
        engine.Step();
        Assert.True(await next);
        var pending = reader.MoveNextAsync();
        await source.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await pending);
        Assert.False(engine.Step());
        Assert.Equal((0, 64), (engine.Statistics.RunningRows, engine.Statistics.FreeBlocks));
    }

    [Fact]
    public async Task Leaving_the_enumeration_early_frees_the_row()
    {
        await using var engine = GenerationEngine.WithoutThread(new FakeStepModel());
        await using (var reader = engine.GenerateAsync(Requests.Of([1], 40), TestCancelled)
            .GetAsyncEnumerator(TestCancelled))
        {
            var next = reader.MoveNextAsync();
            engine.Step();
            Assert.True(await next);
        }

        engine.Step();
        Assert.Equal((0, 64), (engine.Statistics.RunningRows, engine.Statistics.FreeBlocks));
    }

    [Fact]
    public void A_request_that_leaves_the_queue_makes_room_in_it()
    {
        var engine = GenerationEngine.WithoutThread(
            new FakeStepModel(), options: new EngineOptions { MaxSequences = 1, QueueLimit = 1 });
        engine.Submit(Requests.Of([1], 40));
        engine.Step();
        var waiting = engine.Submit(Requests.Of([2], 40));
        Assert.Throws<EngineBusyException>(() => engine.Submit(Requests.Of([3], 40)));
        waiting.Abandon();
        engine.Step();
        Assert.Equal(0, engine.Statistics.QueueLength);
        engine.Submit(Requests.Of([3], 40));
        engine.StopNow();
    }

    [Fact]
    public void A_slow_reader_parks_its_row_and_stalls_nobody()
    {
        var engine = GenerationEngine.WithoutThread(
            new FakeStepModel(), options: new EngineOptions { BufferTokens = 3, MaxSequences = 1 });
        var slow = engine.Submit(Requests.Of([1], 9));
        while (engine.Step())
        {
        }

        Assert.Equal((1, 1), (engine.Statistics.RunningRows, engine.Statistics.ParkedRows));
        var brisk = Requests.Drain(engine, engine.Submit(Requests.Of([2], 9)));
        Assert.Equal(9, brisk.Tokens.Count);
        var late = Requests.Drain(engine, slow);
        Assert.Equal(Requests.RunAlone(Requests.Of([1], 9), new FakeStepModel()).ToString(), late.ToString());
        engine.StopNow();
    }

    [Fact]
    public void A_reader_that_never_comes_back_loses_its_place()
    {
        var time = new ManualTimeProvider();
        var engine = GenerationEngine.WithoutThread(
            new FakeStepModel(), options: new EngineOptions { BufferTokens = 2 }, time: time);
        var answer = engine.Submit(Requests.Of([1], 9));
        while (engine.Step())
        {
        }

        time.Advance(TimeSpan.FromMinutes(3));
        engine.Step();
        Assert.Equal(64, engine.Statistics.FreeBlocks);
        Assert.Equal(2, answer.TryTake()!.Tokens.Count);
        Assert.Throws<GenerationFailedException>(() => answer.TryTake());
        engine.StopNow();
    }

    [Fact]
    public async Task The_slow_readers_limit_wakes_an_idle_engine()
    {
        var time = new ManualTimeProvider();
        var model = new FakeStepModel();
        await using var engine = new GenerationEngine(
            model, options: new EngineOptions { BufferTokens = 2 }, time: time);
        await using var slow = engine.GenerateAsync(Requests.Of([1], 9), TestCancelled)
            .GetAsyncEnumerator(TestCancelled);
        Assert.True(await slow.MoveNextAsync());
        // Until the loop sleeps there is no timer, so the clock is moved until the place is free.
        while (engine.Statistics.FreeBlocks != 64)
        {
            time.Advance(TimeSpan.FromMinutes(3));
            await Task.Yield();
        }

        await Assert.ThrowsAsync<GenerationFailedException>(async () =>
        {
            while (await slow.MoveNextAsync())
            {
            }
        });
    }

    [Fact]
    public void Numbers_that_are_none_fail_one_request_alone()
    {
        var engine = GenerationEngine.WithoutThread(new FakeStepModel());
        var bad = engine.Submit(Requests.Of([1], 5, (FakeStepModel.NanHash, 1)));
        var good = Requests.Drain(engine, engine.Submit(Requests.Of([2], 5)));
        Assert.Equal(5, good.Tokens.Count);
        var error = Assert.Throws<GenerationFailedException>(() => bad.TryTake());
        Assert.Contains("not finite", error.Message, StringComparison.Ordinal);
        engine.StopNow();
    }

    [Fact]
    public void A_row_that_the_model_cannot_take_fails_alone()
    {
        var engine = GenerationEngine.WithoutThread(new FakeStepModel());
        var request = Requests.Of([2, 3, 4], 5, ("e1", 1));
        var bad = engine.Submit(Requests.Of([1], 5, (FakeStepModel.BrokenHash, 1)));
        var good = Requests.Drain(engine, engine.Submit(request));
        Assert.Equal(Requests.RunAlone(request, new FakeStepModel()).ToString(), good.ToString());
        Assert.Throws<GenerationFailedException>(() => bad.TryTake());
        Assert.Equal(64, engine.Statistics.FreeBlocks);
        engine.StopNow();
    }

    [Fact]
    public void An_expert_of_another_base_fails_its_request_alone()
    {
        var engine = GenerationEngine.WithoutThread(new FakeStepModel());
        var bad = engine.Submit(Requests.Of([1], 5, (FakeStepModel.ForeignHash, 1)));
        var good = Requests.Drain(engine, engine.Submit(Requests.Of([2], 5, ("e1", 1))));
        Assert.Equal(5, good.Tokens.Count);
        Assert.Throws<ExpertMismatchException>(() => bad.TryTake());
        engine.StopNow();
    }

    [Fact]
    public void A_long_prompt_does_not_stall_rows_that_generate()
    {
        var model = new FakeStepModel(contextLength: 200, blockCount: 100) { RecordsShapes = true };
        var engine = GenerationEngine.WithoutThread(
            model, options: new EngineOptions { MaxSequences = 4, MaxTokensPerStep = 10, PrefillChunk = 8 });
        var chatting = engine.Submit(Requests.Of([1], 60));
        engine.Step();
        engine.Submit(Requests.Of([.. Enumerable.Repeat(2, 80)], 5));
        for (var i = 0; i < 10; i++)
            engine.Step();
        Assert.Equal(11, chatting.TryTake()!.Tokens.Count);
        Assert.All(model.StepShapes.Skip(1), shape => Assert.Equal([1, 8], shape));
        engine.StopNow();
    }

    [Fact]
    public void A_client_with_many_requests_does_not_hold_up_another()
    {
        var engine = GenerationEngine.WithoutThread(
            new FakeStepModel(), options: new EngineOptions { MaxSequences = 1 });
        for (var i = 0; i < 20; i++)
            engine.Submit(Requests.Of([1], 5) with { FairnessKey = "greedy" });
        var modest = Requests.Drain(engine, engine.Submit(Requests.Of([2], 5) with { FairnessKey = "modest" }));
        Assert.Equal(5, modest.Tokens.Count);
        Assert.InRange(engine.Statistics.GeneratedTokens, 5, 15);
        engine.StopNow();
    }

    [Fact]
    public async Task Disposing_ends_all_requests_and_the_model()
    {
        var model = new FakeStepModel();
        var engine = GenerationEngine.WithoutThread(model, options: new EngineOptions { MaxSequences = 1 });
        var running = engine.GenerateAsync(Requests.Of([1], 9), TestCancelled).GetAsyncEnumerator(TestCancelled);
        var first = running.MoveNextAsync();
        engine.Step();
        Assert.True(await first);
        var pending = running.MoveNextAsync();
        var waiting = engine.Submit(Requests.Of([2], 9));
        await engine.DisposeAsync();
        await engine.DisposeAsync();

        await Assert.ThrowsAsync<EngineStoppedException>(async () => await pending);
        Assert.Throws<EngineStoppedException>(() => waiting.TryTake());
        var late = engine.Submit(Requests.Of([3], 9));
        Assert.Throws<EngineStoppedException>(() => late.TryTake());
        Assert.True(model.IsDisposed);
    }

    [Fact]
    public async Task An_engine_that_was_disposed_has_ended_without_a_fault()
    {
        var engine = new GenerationEngine(new FakeStepModel());
        Assert.False(engine.Ended.IsCompleted);
        await engine.DisposeAsync();
        Assert.Null(await engine.Ended);
    }

    [Fact]
    public async Task An_engine_whose_loop_failed_says_what_broke_it_and_refuses_what_comes()
    {
        var model = new FakeStepModel();
        var clock = new BrittleClock();
        var engine = new GenerationEngine(model, time: clock);
        model.OnForward = () => clock.IsBroken = true;
        var refusal = await Assert.ThrowsAsync<EngineStoppedException>(() => ReadAsync(engine, Requests.Of([1], 5)));
        Assert.True(engine.Ended.IsCompleted);
        var fault = await engine.Ended;
        Assert.Equal("The clock is broken.", fault!.Message);
        Assert.Same(fault, refusal.InnerException);

        clock.IsBroken = false;
        await Assert.ThrowsAsync<EngineStoppedException>(() => ReadAsync(engine, Requests.Of([1], 5)));
        await engine.DisposeAsync();
        Assert.True(model.IsDisposed);
    }

    private static async Task<Received> ReadAsync(GenerationEngine engine, GenerationRequest request)
    {
        var received = new Received();
        await foreach (var update in engine.GenerateAsync(request, TestCancelled))
            received.Add(update);
        return received;
    }

    /// <summary>A clock that fails when told to, as nothing does that requests can cause.</summary>
    private sealed class BrittleClock : TimeProvider
    {
        public volatile bool IsBroken;

        public override long GetTimestamp() =>
            IsBroken ? throw new InvalidOperationException("The clock is broken.") : base.GetTimestamp();
    }
}
