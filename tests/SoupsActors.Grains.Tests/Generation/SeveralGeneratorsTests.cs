using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using SoupsActors.Generation;
using SoupsActors.Placement;

namespace SoupsActors.Grains.Tests.Generation;

/// <summary>Requests among three generators: choice, fallback, continuation, spreading.</summary>
public sealed class SeveralGeneratorsTests : IAsyncLifetime
{
    private readonly TestSilo silo = new("g0", "g1", "g2");

    public ValueTask InitializeAsync() => silo.InitializeAsync();

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    [Fact]
    public async Task a_request_goes_where_its_mix_is_and_the_queue_is_short()
    {
        // Whoever is home to an expert may answer too, so all but the holder of both are busy.
        foreach (var engine in silo.Engines.Values)
            engine.Load = Load(running: 7);
        silo.Engines["g1"].Load = Load(running: 1, "hash-1", "hash-2");
        for (var i = 0; i < 20; i++)
            await silo.User($"user {i}").Generate(Ask("P1A", "full-expert"));
        Assert.Equal(20, silo.Engines["g1"].Requests.Count);
    }

    [Fact]
    public async Task a_mix_in_fashion_spreads_to_idle_generators()
    {
        silo.Engines["g0"].Load = Load(running: 8, "hash-1", "hash-2");
        for (var i = 0; i < 20; i++)
            await silo.User($"user {i}").Generate(Ask("P1A", "full-expert"));
        Assert.Empty(silo.Engines["g0"].Requests);
    }

    [Fact]
    public async Task an_expert_is_asked_for_at_its_home_until_another_holds_it()
    {
        for (var i = 0; i < 20; i++)
            await silo.User($"user {i}").Generate(Ask("P1A"));
        var home = Assert.Single(silo.Engines, e => !e.Value.Requests.IsEmpty);
        Assert.Equal(20, home.Value.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task a_generator_that_cannot_begin_is_passed_over(Exception failure)
    {
        // The one that can answer is the busiest, so that the others are asked before it.
        silo.Engines["g2"].Load = Load(running: 7);
        silo.Engines["g0"].Failure = silo.Engines["g1"].Failure = failure;
        for (var i = 0; i < 6; i++)
            Assert.Equal("one two three", (await silo.User("alice").Generate(Ask("P1A"))).Text);
        Assert.Equal(6, silo.Engines["g2"].Requests.Count);
        Assert.NotEmpty(silo.Engines["g0"].Requests.Concat(silo.Engines["g1"].Requests));
        await AssertNoLeases();
    }

    public static TheoryData<Exception> Refusals =>
    [
        new SoupsException(SoupsError.Busy, "full", "engine_busy"),
        new SoupsException(SoupsError.NotReady, "stopping", "stopping"),
        new SoupsException(SoupsError.Unavailable, "Its peers are away.", "expert_files_unreachable"),
        new SoupsException(SoupsError.InvalidRequest, "The file is damaged.", "damaged_expert"),
        .. Losses.Select(row => row.Data),
    ];

    public static TheoryData<Exception> Losses =>
    [
        new SiloUnavailableException("gone"),
        new OrleansException("No active nodes are compatible"),
        new TimeoutException("late"),
        new EnumerationAbortedException("moved"),
    ];

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task an_answer_broken_off_goes_on_elsewhere_with_its_tokens_and_its_seed(Exception failure)
    {
        foreach (var engine in silo.Engines.Values)
            (engine.Failure, engine.WordsBeforeFailure) = (failure, 1);
        var pieces = new List<AnswerPiece>();
        await foreach (var piece in silo.User("alice").Stream(Ask("P1A")))
            pieces.Add(piece);

        Assert.Equal("one two three", string.Concat(pieces.Select(p => p.Text)));
        var asked = silo.Engines.Values.SelectMany(e => e.Requests).OrderBy(r => r.Continuation.Length).ToArray();
        Assert.Equal([[], [0], [0, 1]], asked.Select(r => r.Continuation));
        Assert.Single(asked.Select(r => r.Seed).Distinct());
        Assert.NotNull(asked[0].Seed);
        Assert.Equal(asked[0].Experts, asked[2].Experts);
        Assert.Equal(asked[0].Seed, pieces[^1].Seed);
        await AssertNoLeases();
    }

    [Fact]
    public async Task whole_answers_go_on_elsewhere_too_and_are_stored_once()
    {
        foreach (var engine in silo.Engines.Values)
            (engine.Failure, engine.WordsBeforeFailure) = (new SiloUnavailableException(), 2);
        var request = Ask("P1A") with { OperationId = TestSilo.Op() };
        request = request with { Soup = request.Soup with { History = true } };
        Assert.Equal("one two three", (await silo.User("alice").Generate(request)).Text);
        Assert.Equal(["hi", "one two three"], (await silo.User("alice").GetHistory()).Select(m => m.Content));
    }

    [Fact]
    public async Task an_answer_that_nobody_can_go_on_with_ends_in_an_error_that_says_so()
    {
        foreach (var engine in silo.Engines.Values)
            (engine.Failure, engine.WordsBeforeFailure, engine.HidesTokens) = (new SiloUnavailableException(), 1, true);
        var text = "";
        var error = await Assert.ThrowsAsync<SoupsException>(async () =>
        {
            await foreach (var piece in silo.User("alice").Stream(Ask("P1A")))
                text += piece.Text;
        });
        Assert.Equal(("one", SoupsError.NotReady, "generator_lost"), (text, error.Error, error.Code));
        Assert.Contains("middle of the answer", error.Message, StringComparison.Ordinal);
        Assert.Single(silo.Engines.Values.SelectMany(e => e.Requests));
        await AssertNoLeases();
    }

    [Fact]
    public async Task when_all_are_lost_the_error_says_so()
    {
        foreach (var engine in silo.Engines.Values)
            engine.Failure = new SiloUnavailableException();
        var error = await Assert.ThrowsAsync<SoupsException>(() => silo.User("alice").Generate(Ask("P1A")));
        Assert.Equal("generator_lost", error.Code);
        Assert.Equal(3, silo.Engines.Values.Sum(e => e.Requests.Count));
    }

    [Fact]
    public async Task a_request_that_is_wrong_is_refused_once()
    {
        foreach (var engine in silo.Engines.Values)
            engine.Failure = SoupsException.Invalid("too long", "context_length_exceeded");
        var error = await Assert.ThrowsAsync<SoupsException>(() => silo.User("alice").Generate(Ask("P1A")));
        Assert.Equal("context_length_exceeded", error.Code);
        Assert.Single(silo.Engines.Values.SelectMany(e => e.Requests));
    }

    [Fact]
    public async Task attempts_are_limited()
    {
        silo.Services.GetRequiredService<IOptions<PlacementOptions>>().Value.Attempts = 2;
        foreach (var engine in silo.Engines.Values)
            engine.Failure = new SiloUnavailableException();
        await Assert.ThrowsAsync<SoupsException>(() => silo.User("alice").Generate(Ask("P1A")));
        Assert.Equal(2, silo.Engines.Values.Sum(e => e.Requests.Count));
    }

    [Fact]
    public async Task no_user_sees_tokens_of_another_while_generators_fail()
    {
        var random = new Random(5);
        foreach (var engine in silo.Engines.Values)
            engine.Say = request => [.. Enumerable.Range(0, 12).Select(i => $"{request.FairnessKey}:{i} ")];
        silo.Engines["g0"].Failure = silo.Engines["g1"].Failure = new SiloUnavailableException();
        silo.Engines["g0"].WordsBeforeFailure = 3;
        silo.Engines["g1"].WordsBeforeFailure = 5;
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(async i => (
            User: $"u{i}", (await silo.User($"u{i}").Generate(Ask(random.Next(2) == 0 ? "P1A" : "full-expert"))).Text)));
        Assert.All(answers, a => Assert.Equal(
            string.Concat(Enumerable.Range(0, 12).Select(i => $"{a.User}:{i} ")), a.Text));
        Assert.All(silo.Engines.Values, e => Assert.Equal(0, e.Rows));
    }

    [Fact]
    public async Task an_answer_does_not_go_on_with_another_base()
    {
        silo.Engines["g0"].BaseHash = silo.Engines["g1"].BaseHash = "other";
        silo.Engines["g2"].Failure = new SiloUnavailableException();
        silo.Engines["g2"].WordsBeforeFailure = 1;
        var error = await Assert.ThrowsAsync<SoupsException>(() => silo.User("alice").Generate(Ask("P1A")));
        Assert.Equal("generator_lost", error.Code);
        Assert.Empty(silo.Engines["g0"].Requests);
        Assert.Empty(silo.Engines["g1"].Requests);
    }

    [Fact]
    public async Task a_hot_expert_is_spread_and_a_cold_one_is_not()
    {
        var options = silo.Services.GetRequiredService<IOptions<PlacementOptions>>().Value;
        for (var i = 0; i < 400; i++)
            await silo.Expert("P1A").Lease($"lease {i}");
        Assert.Equal(2, await ReplicasAsync());
        Assert.Equal(["hash-1"], Assert.Single(silo.Engines.Values, e => !e.Held.IsEmpty).Held);
        Assert.Equal(1, (await silo.Expert("full-expert").Lease("lease")).Replicas);

        silo.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(2, await ReplicasAsync());
        silo.Clock.Advance(options.CoolDown + TimeSpan.FromMinutes(1));
        Assert.Equal(1, await ReplicasAsync(wanted: 1));
    }

    // The change happens beside the requests, a few turns of the grain later. Who looks asks for the expert too, so time
    // goes on between two looks, or looking alone would keep it hot.
    private async Task<int> ReplicasAsync(int wanted = 2)
    {
        var replicas = 0;
        for (var i = 0; i < 10_000; i++)
        {
            replicas = (await silo.Expert("P1A").Lease("looking")).Replicas;
            if (replicas == wanted)
                break;
            silo.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        return replicas;
    }

    private static GeneratorLoad Load(int running, params string[] resident) => new(0, running, 8, resident, 16, 0, 0);

    private static TextRequest Ask(params string[] experts) => new()
    {
        Messages = [new ChatMessage("user", "hi")],
        Soup = new SoupOverride { Mix = experts.ToDictionary(e => e, _ => 1.0) },
    };

    private async Task AssertNoLeases() => Assert.Equal(0, (await silo.Expert("P1A").Describe())!.Leases);
}
