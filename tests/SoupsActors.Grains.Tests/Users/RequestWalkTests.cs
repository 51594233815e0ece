using System.Threading.Channels;
using SoupsActors.Generation;
using SoupsActors.Grains.Tests.Generation;
using SoupsActors.Users;

namespace SoupsActors.Grains.Tests.Users;

/// <summary>The way of a request: user, experts, generator, and back.</summary>
public sealed class RequestWalkTests : IAsyncLifetime
{
    private readonly TestSilo silo = new();

    private FakeTextEngine Engine => silo.Engine;

    public ValueTask InitializeAsync() => silo.InitializeAsync();

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    [Fact]
    public async Task a_request_runs_on_leased_versions_with_the_profiles_weights()
    {
        await silo.User("alice").SetProfile(
            new SoupProfile { Mix = new() { ["P1A"] = 1, ["P2B"] = 0.5 }, Merge = SoupMerge.Factor }, null,
                TestSilo.Op());
        var answer = await silo.User("alice").Generate(Ask("hi"), TestContext.Current.CancellationToken);

        Assert.Equal("one two three", answer.Text);
        Assert.Equal(new AnswerUsage(5, 3), answer.Usage);
        var request = Assert.Single(Engine.Requests);
        Assert.Equal(SoupMerge.Factor, request.Merge);
        Assert.Equal("alice", request.FairnessKey);
        Assert.Equal(
            [("P1A", "hash-1", 1.0), ("full-expert", "hash-2", 0.5)],
            request.Experts.Select(e => (e.Lease.ExpertId, e.Lease.Hash, e.Weight)));
        await AssertNoLeases();
    }

    [Fact]
    public async Task an_override_replaces_the_mix_for_one_request()
    {
        await silo.User("alice").SetProfile(new SoupProfile { Mix = new() { ["P1A"] = 1 } }, null, TestSilo.Op());
        await silo.User("alice").Generate(
            Ask("hi") with { Soup = new SoupOverride { Mix = new() { ["P2B"] = 3, ["P1A"] = 1 }, Normalize = true } });
        await silo.User("alice").Generate(Ask("hi"));

        Assert.Equal([0.25, 0.75], Engine.Requests.First().Experts.Select(e => e.Weight));
        Assert.Equal([1.0], Engine.Requests.Last().Experts.Select(e => e.Weight));
    }

    [Fact]
    public async Task a_preference_and_its_expert_in_one_mix_add_up()
    {
        await silo.User("alice").Generate(
            Ask("hi") with { Soup = new SoupOverride { Mix = new() { ["P2B"] = 1, ["full-expert"] = 0.5 } } });
        var share = Assert.Single(Engine.Requests.Single().Experts);
        Assert.Equal(1.5, share.Weight);
    }

    [Fact]
    public async Task base_and_a_single_expert_do_without_the_profile()
    {
        await silo.User("alice").SetProfile(
            new SoupProfile { Mix = new() { ["P1A"] = 1 }, PromptTexts = true }, null, TestSilo.Op());
        await silo.User("alice").Generate(Ask("hi") with { Model = ModelChoice.Base });
        await silo.User("alice").Generate(Ask("hi") with { Model = ModelChoice.Expert, Expert = "full-expert" });

        Assert.Empty(Engine.Requests.First().Experts);
        Assert.Equal("hi", Engine.Requests.First().Messages!.Single().Content);
        var share = Engine.Requests.Last().Experts.Single();
        Assert.Equal(("full-expert", 1.0), (share.Lease.ExpertId, share.Weight));
    }

    [Fact]
    public async Task zero_weights_lease_nothing()
    {
        await silo.User("alice").Generate(Ask("hi") with { Soup = new SoupOverride { Mix = new() { ["P1A"] = 0 } } });
        Assert.Empty(Engine.Requests.Single().Experts);
        Assert.Equal(0, (await silo.Expert("P1A").Describe())!.Hits);
    }

    [Fact]
    public async Task the_sentences_of_positive_preferences_follow_the_newest_user_message()
    {
        await silo.User("alice").SetProfile(
            new SoupProfile
            {
                Mix = new() { ["P2B"] = 1, ["P1A"] = 1 },
                PromptTexts = true,
                SystemPrompt = "Be brief.",
            },
            null,
            TestSilo.Op());
        await silo.User("alice").Generate(Ask("Why?"));
        await silo.User("alice").Generate(
            Ask("Why?") with { Soup = new SoupOverride { Mix = new() { ["P2B"] = -1, ["P1A"] = 1 } } });

        Assert.Equal(
            [new("system", "Be brief."), new ChatMessage("user", "Why? Say it simply. Say it all.")],
            Engine.Requests.First().Messages!);
        Assert.Equal("Why? Say it simply.", Engine.Requests.Last().Messages![^1].Content);
    }

    [Fact]
    public async Task the_request_decides_about_sampling_before_the_profile()
    {
        await silo.User("alice").SetProfile(
            new SoupProfile { Sampling = new() { Temperature = 0.5, TopK = 5 } }, null, TestSilo.Op());
        await silo.User("alice").Generate(Ask("hi") with { Sampling = new() { Temperature = 0 } });
        Assert.Equal(new SamplingSettings { Temperature = 0, TopK = 5 }, Engine.Requests.Single().Sampling);
    }

    [Fact]
    public async Task a_running_request_keeps_its_version_while_another_is_published()
    {
        Engine.Permits = Channel.CreateUnbounded<bool>();
        await using var pieces = silo.User("alice").Stream(Mixed("P1A")).GetAsyncEnumerator();
        Engine.Permits.Writer.TryWrite(true);
        Assert.True(await pieces.MoveNextAsync());
        Assert.Equal(1, (await silo.Expert("P1A").Describe())!.Leases);

        await silo.Expert("P1A").Publish(TestSilo.Weights("hash-new"), TestSilo.Op());
        Engine.Permits.Writer.TryWrite(true);
        Engine.Permits.Writer.TryWrite(true);
        while (await pieces.MoveNextAsync())
        {
        }

        Assert.Equal("hash-1", Engine.Requests.Single().Experts.Single().Lease.Hash);
        await AssertNoLeases();
        Engine.Permits = null;
        await silo.User("alice").Generate(Mixed("P1A"));
        Assert.Equal("hash-new", Engine.Requests.Last().Experts.Single().Lease.Hash);
    }

    [Fact]
    public async Task a_long_answer_does_not_keep_the_profile_from_being_read_and_written()
    {
        Engine.Permits = Channel.CreateUnbounded<bool>();
        await using var pieces = silo.User("alice").Stream(Mixed("P1A")).GetAsyncEnumerator();
        var first = pieces.MoveNextAsync();
        await silo.User("alice").SetProfile(new SoupProfile { Normalize = true }, null, TestSilo.Op());
        Assert.True((await silo.User("alice").GetProfile()).Profile.Normalize);
        Engine.Permits.Writer.TryWrite(true);
        Assert.True(await first);
    }

    [Fact]
    public async Task an_answer_may_take_longer_than_a_usual_call()
    {
        Engine.Permits = Channel.CreateUnbounded<bool>();
        var answer = silo.User("alice").Generate(Mixed("P1A"));
        await Engine.RowBegan.WaitAsync(TestContext.Current.CancellationToken);
        silo.Clock.Advance(TimeSpan.FromMinutes(9));
        for (var i = 0; i < FakeTextEngine.Words.Length; i++)
            Engine.Permits.Writer.TryWrite(true);
        Assert.Equal("one two three", (await answer).Text);
    }

    [Fact]
    public async Task a_reader_who_stops_ends_the_row_and_the_leases()
    {
        Engine.Permits = Channel.CreateUnbounded<bool>();
        await using (var pieces = silo.User("alice").Stream(Mixed("P1A")).GetAsyncEnumerator())
        {
            Engine.Permits.Writer.TryWrite(true);
            Assert.True(await pieces.MoveNextAsync());
        }

        await Engine.RowEnded.WaitAsync(TestContext.Current.CancellationToken);
        await AssertNoLeases();
    }

    [Fact]
    public async Task cancelling_ends_the_row_and_the_leases()
    {
        Engine.Permits = Channel.CreateUnbounded<bool>();
        using var cancel = new CancellationTokenSource();
        var answer = silo.User("alice").Generate(Mixed("P1A"), cancel.Token);
        await Engine.RowBegan.WaitAsync(TestContext.Current.CancellationToken);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        await Engine.RowEnded.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, Engine.Rows);

        // Whoever cancels does not wait for the walk's end, so the leases may end a moment later.
        for (var i = 0; i < 100_000 && (await silo.Expert("P1A").Describe())!.Leases > 0; i++)
            await Task.Yield();
        await AssertNoLeases();
    }

    [Fact]
    public async Task a_failing_engine_ends_the_leases_and_its_refusal_arrives_as_thrown()
    {
        Engine.Failure = new SoupsException(SoupsError.Busy, "full", "engine_busy");
        var error = await Assert.ThrowsAsync<SoupsException>(() => silo.User("alice").Generate(Mixed("P1A")));
        Assert.Equal((SoupsError.Busy, "engine_busy"), (error.Error, error.Code));
        await AssertNoLeases();
    }

    [Fact]
    public async Task one_expert_that_is_gone_ends_the_leases_of_the_others()
    {
        var error = await Assert.ThrowsAsync<SoupsException>(
            () => silo.User("alice").Generate(
                Ask("hi") with { Soup = new SoupOverride { Mix = new() { ["P1A"] = 1, ["gone"] = 1 } } }));
        Assert.Equal("unknown_expert", error.Code);
        Assert.Empty(Engine.Requests);
        await AssertNoLeases();
    }

    [Fact]
    public async Task a_guest_gets_the_base_or_the_mix_of_the_request()
    {
        var guest = silo.Grains.GetGrain<IGuestGrain>(0);
        await guest.Generate(Ask("hi"));
        await guest.Generate(Mixed("P1A"));
        Assert.Empty(Engine.Requests.First().Experts);
        Assert.Single(Engine.Requests.Last().Experts);
        var error = await Assert.ThrowsAsync<SoupsException>(
            () => guest.Generate(Ask("hi") with { Soup = new SoupOverride { History = true } }));
        Assert.Equal("user_required", error.Code);
    }

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public async Task wrong_requests_are_refused_before_the_walk(TextRequest request, string code)
    {
        var error = await Assert.ThrowsAsync<SoupsException>(() => silo.User("alice").Generate(request));
        Assert.Equal((SoupsError.InvalidRequest, code), (error.Error, error.Code));
        Assert.Empty(Engine.Requests);
    }

    public static TheoryData<TextRequest, string> WrongRequests => new()
    {
        { new TextRequest(), "invalid_request" },
        { new TextRequest { Prompt = "" }, "empty_prompt" },
        { new TextRequest { Messages = [] }, "empty_prompt" },
        { new TextRequest { Messages = [new("user", "  ")] }, "empty_prompt" },
        { new TextRequest { Messages = [new("user", "a"), new("tool", "b")] }, "invalid_role" },
        { Ask("a") with { Stop = ["a", "b", "c", "d", "e"] }, "out_of_range" },
        { Ask("a") with { Stop = [""] }, "out_of_range" },
        { Ask("a") with { LogProbabilities = 21 }, "out_of_range" },
        { Ask("a") with { LogitBias = new() { [-1] = 0 } }, "out_of_range" },
        { Ask("a") with { LogitBias = new() { [1] = float.NaN } }, "out_of_range" },
        { Ask("a") with { Sampling = new() { MaxTokens = 0 } }, "out_of_range" },
        { Ask("a") with { Model = ModelChoice.Base, Soup = new() { Mix = [] } }, "mix_without_soup" },
        { Ask("a") with { Soup = new() { Mix = new() { ["P1A"] = double.NaN } } }, "invalid_weight" },
        { Ask("a") with { Soup = new() { Merge = (SoupMerge)9 } }, "invalid_merge" },
    };

    private static TextRequest Ask(string text) => new() { Messages = [new ChatMessage("user", text)] };

    private static TextRequest Mixed(string name) =>
        Ask("hi") with { Soup = new SoupOverride { Mix = new() { [name] = 1 } } };

    private async Task AssertNoLeases()
    {
        Assert.Equal(0, (await silo.Expert("P1A").Describe())!.Leases);
        Assert.Equal(0, (await silo.Expert("full-expert").Describe())!.Leases);
    }
}
