using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Generation;
using SoupsActors.Grains.Feedback;
using SoupsActors.Testing.PostgreSql;
using SoupsActors.Users;

namespace SoupsActors.Grains.Tests.Feedback;

public sealed class SqliteInteractionTests() : InteractionTests(new TestSilo());

public sealed class PostgreSqlInteractionTests(PostgreSqlFixture server) : InteractionTests(new PostgreSqlTestSilo(server));

public abstract class InteractionTests(TestSilo silo) : IAsyncLifetime
{
    private IUserGrain Alice => silo.User("alice");

    public ValueTask InitializeAsync() => silo.InitializeAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return silo.DisposeAsync();
    }

    [Fact]
    public async Task an_answer_is_kept_with_all_that_made_it()
    {
        await Alice.SetProfile(
            new SoupProfile
            {
                Mix = { ["P1A"] = 0.7, ["P2B"] = -0.2 },
                SystemPrompt = "Be brief.",
                PromptTexts = true,
                Sampling = new SamplingSettings { Temperature = 0.5 },
            },
            null,
            TestSilo.Op());
        var answer = await Alice.Generate(Ask("hi") with { Seed = 3, Sampling = new SamplingSettings { TopK = 9 } });

        var kept = (await silo.FeedbackLog.FindInteraction(answer.Interaction!))!;
        Assert.Equal(("alice", "one two three", AnswerEnd.Stop, 3UL), (kept.User, kept.Answer, kept.End, kept.Seed));
        Assert.Equal([new("system", "Be brief."), new ChatMessage("user", "hi")], kept.Messages!);
        Assert.Equal(["Say it simply."], kept.PromptTexts);
        Assert.Equal([("P1A", 1, "hash-1", 0.7), ("full-expert", 1, "hash-2", -0.2)],
            kept.Experts.Select(e => (e.Id, e.Version, e.Hash, e.Weight)));
        Assert.Equal((0.5, 9), (kept.Sampling.Temperature, kept.Sampling.TopK));
        Assert.Equal(silo.Clock.GetUtcNow(), kept.At);
    }

    [Fact]
    public async Task all_pieces_carry_the_name_and_the_last_one_comes_after_the_answer_is_kept()
    {
        var names = new HashSet<string?>();
        await foreach (var piece in Alice.Stream(Ask("hi") with { Interaction = "mine" }))
        {
            names.Add(piece.Interaction);
            if (piece.End is not null)
                Assert.Equal("one two three", (await silo.FeedbackLog.FindInteraction("mine"))!.Answer);
        }

        Assert.Equal(["mine"], names);
    }

    [Fact]
    public async Task a_name_belongs_to_its_first_answer()
    {
        await Alice.Generate(Ask("first") with { Interaction = "mine" });
        await silo.User("mallory").Generate(Ask("second") with { Interaction = "mine" });
        var kept = (await silo.FeedbackLog.FindInteraction("mine"))!;
        Assert.Equal(("alice", "first"), (kept.User, kept.Messages![^1].Content));
    }

    [Fact]
    public async Task an_answer_that_broke_off_is_kept_as_far_as_it_was_sent()
    {
        silo.Engine.Permits = Channel.CreateUnbounded<bool>();
        silo.Engine.Permits.Writer.TryWrite(true);
        silo.Engine.Permits.Writer.TryWrite(true);
        await foreach (var piece in Alice.Stream(Ask("hi") with { Interaction = "mine" }))
        {
            if (piece.Text == " two")
                break;
        }

        await silo.Engine.RowEnded.WaitAsync(TestContext.Current.CancellationToken);
        var kept = await UntilKept("mine");
        Assert.Equal(("one two", null), (kept.Answer, kept.End));
    }

    [Fact]
    public async Task an_answer_that_was_given_again_whole_replaces_the_one_that_broke_off()
    {
        await Keep("mine", "alice", "one tw", null);
        await Keep("mine", "mallory", "another", AnswerEnd.Stop);
        Assert.Equal("one tw", await Kept("mine"));
        await Keep("mine", "alice", "one two three", AnswerEnd.Stop);
        Assert.Equal("one two three", await Kept("mine"));
        await Keep("mine", "alice", "one", null);
        await Keep("mine", "alice", "one two four", AnswerEnd.Stop);
        Assert.Equal("one two three", await Kept("mine"));
    }

    [Fact]
    public async Task answers_with_one_name_that_are_kept_at_once_end_in_a_whole_one()
    {
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Keep(
            $"a{i % 50}", "alice", $"text {i}", i < 100 ? null : AnswerEnd.Stop)));
        for (var i = 0; i < 50; i++)
            Assert.NotNull((await silo.FeedbackLog.FindInteraction($"a{i}"))!.End);
    }

    [Fact]
    public async Task a_guest_has_interactions_without_a_name()
    {
        var answer = await silo.Grains.GetGrain<IGuestGrain>(0).Generate(new TextRequest { Prompt = "Once" });
        var kept = (await silo.FeedbackLog.FindInteraction(answer.Interaction!))!;
        Assert.Equal((null, "Once", null), (kept.User, kept.Prompt, kept.Messages));
    }

    [Fact]
    public async Task no_text_is_kept_where_none_is_wanted()
    {
        silo.Interactions.KeepText = false;
        await Alice.SetProfile(
            new SoupProfile { Mix = { ["P1A"] = 1 }, PromptTexts = true, SystemPrompt = "secret" }, null, TestSilo.Op());
        var answer = await Alice.Generate(Ask("secret"));
        var kept = (await silo.FeedbackLog.FindInteraction(answer.Interaction!))!;
        Assert.Equal((null, null, null), (kept.Messages, kept.Prompt, kept.Answer));
        Assert.Empty(kept.PromptTexts);
        Assert.Equal("hash-1", Assert.Single(kept.Experts).Hash);
    }

    [Fact]
    public async Task nothing_is_kept_where_nothing_is_wanted()
    {
        silo.Interactions.Retention = TimeSpan.Zero;
        var answer = await Alice.Generate(Ask("hi"));
        Assert.NotNull(answer.Interaction);
        silo.Interactions.Retention = TimeSpan.FromDays(1);
        Assert.Null(await silo.FeedbackLog.FindInteraction(answer.Interaction));
    }

    [Fact]
    public async Task what_is_too_old_is_not_shown_and_then_deleted()
    {
        silo.Interactions.Retention = TimeSpan.FromMinutes(2);
        var old = await Alice.Generate(Ask("old"));
        silo.Clock.Advance(TimeSpan.FromMinutes(1.5));
        var young = await Alice.Generate(Ask("young"));
        silo.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Null(await silo.FeedbackLog.FindInteraction(old.Interaction!));
        Assert.Equal([young.Interaction], (await Alice.Export()).Interactions.Select(i => i.Id));
        var store = silo.Services.GetRequiredService<IInteractionStore>();
        Assert.Equal(1, await store.PruneAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, await store.PruneAsync(TestContext.Current.CancellationToken));
        Assert.NotNull(await silo.FeedbackLog.FindInteraction(young.Interaction!));
    }

    [Fact]
    public async Task pruning_goes_on_until_nothing_old_is_left()
    {
        var store = silo.Services.GetRequiredService<IInteractionStore>();
        await Task.WhenAll(Enumerable.Range(0, 2500).Select(i => store.AddAsync(
            new() { Id = $"i{i}", At = silo.Clock.GetUtcNow() })));
        silo.Interactions.Retention = TimeSpan.FromMinutes(1);
        silo.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(2500, await store.PruneAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task an_answer_under_way_leaves_nothing_about_a_user_who_was_forgotten()
    {
        silo.Engine.Permits = Channel.CreateUnbounded<bool>();
        var answer = Alice.Generate(Ask("hi"));
        await silo.Engine.RowBegan.WaitAsync(TestContext.Current.CancellationToken);
        await Alice.Forget(TestSilo.Op());
        for (var i = 0; i < 3; i++)
            silo.Engine.Permits.Writer.TryWrite(true);
        Assert.Null(await silo.FeedbackLog.FindInteraction((await answer).Interaction!));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\u0007b")]
    public async Task a_bad_name_is_refused(string name)
    {
        var error = await Assert.ThrowsAsync<SoupsException>(
            () => Alice.Generate(Ask("hi") with { Interaction = name }));
        Assert.Equal("invalid_interaction", error.Code);
    }

    private Task Keep(string id, string user, string text, AnswerEnd? end) =>
        silo.Services.GetRequiredService<IInteractionStore>().AddAsync(
            new() { Id = id, User = user, Answer = text, End = end, At = silo.Clock.GetUtcNow() });

    private async Task<string?> Kept(string id) => (await silo.FeedbackLog.FindInteraction(id))!.Answer;

    // The record of a broken answer is written after its reader has gone.
    private async Task<SoupsActors.Feedback.Interaction> UntilKept(string id)
    {
        while (true)
        {
            if (await silo.FeedbackLog.FindInteraction(id) is { } kept)
                return kept;
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static TextRequest Ask(string text) => new() { Messages = [new ChatMessage("user", text)] };
}
