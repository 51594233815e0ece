using SoupsActors.Feedback;
using SoupsActors.Generation;
using SoupsActors.Testing.PostgreSql;
using SoupsActors.Users;

namespace SoupsActors.Grains.Tests.Feedback;

public sealed class SqliteFeedbackGrainTests() : FeedbackGrainTests(new TestSilo());

public sealed class PostgreSqlFeedbackGrainTests(PostgreSqlFixture server) : FeedbackGrainTests(new PostgreSqlTestSilo(server));

public abstract class FeedbackGrainTests(TestSilo silo) : IAsyncLifetime
{
    private IFeedbackGrain Alice => silo.Feedback("alice");

    public ValueTask InitializeAsync() => silo.InitializeAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return silo.DisposeAsync();
    }

    [Fact]
    public async Task every_kind_is_stored_as_it_came()
    {
        FeedbackEvent[] events =
        [
            Pair("good", "bad") with { Margin = 2, At = silo.Clock.GetUtcNow().AddHours(-1) },
            About(new RankingFeedback([FeedbackAnswer.Of("a"), FeedbackAnswer.Of("b"), FeedbackAnswer.Of("c")])
            {
                Ranks = [0, 1, 1],
            }),
            About(new ReactionFeedback(Thumb.Down) { Answer = "a" }),
            About(new RatingFeedback(new() { ["helpfulness"] = 7 }) { Answer = "a", Best = 10 }),
            About(new SegmentFeedback(1, 2, "false") { Answer = "abc", Value = -1 }),
            About(new CorrectionFeedback("better") { Answer = "a" }),
            About(new OutcomeFeedback("solved", 1) { Answer = "a" }),
        ];
        Assert.Equal(events.Length, FeedbackKinds.All.Count);
        var results = await Alice.Append(events);
        Assert.All(results, r => Assert.Equal(FeedbackStatus.Accepted, r.Status));

        var stored = await ReadAll(new FeedbackFilter());
        Assert.Equal(FeedbackKinds.All, stored.Select(s => s.Event.Kind));
        Assert.Equal(events.Select(Json), stored.Select(s => Json(s.Event)));
        Assert.Equal(stored.Select(s => s.Position).Order(), stored.Select(s => s.Position));
    }

    [Fact]
    public async Task an_event_sent_again_is_stored_once_however_late()
    {
        var first = Pair("good", "bad");
        Assert.Equal([FeedbackStatus.Accepted, FeedbackStatus.Duplicate], await Statuses(first, first));
        for (var i = 0; i < SoupsLimits.RememberedOperations + 10; i++)
            await Alice.Append([Pair("good", "bad")]);
        silo.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal([FeedbackStatus.Duplicate], await Statuses(first));
        Assert.Equal(SoupsLimits.RememberedOperations + 11, (await Alice.List()).Length);
    }

    [Fact]
    public async Task an_operation_id_stands_for_one_event_of_one_user()
    {
        var first = Pair("good", "bad");
        await Alice.Append([first]);
        var results = await Alice.Append([first with { Margin = 1 }]);
        Assert.Equal((FeedbackStatus.Refused, "operation_id_reused"), (results[0].Status, results[0].Error!.Code));
        var bob = await silo.Feedback("bob").Append([first with { User = "bob" }]);
        Assert.Equal(FeedbackStatus.Accepted, bob[0].Status);
    }

    [Fact]
    public async Task parallel_copies_are_stored_once()
    {
        var feedback = Pair("good", "bad");
        var results = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Alice.Append([feedback])));
        Assert.Single(results, r => r[0].Status == FeedbackStatus.Accepted);
        Assert.Equal(31, results.Count(r => r[0].Status == FeedbackStatus.Duplicate));
    }

    [Fact]
    public async Task a_wrong_event_is_refused_alone()
    {
        Assert.Equal(
            [FeedbackStatus.Accepted, FeedbackStatus.Refused, FeedbackStatus.Accepted],
            await Statuses(Pair("good", "bad"), Pair("same", "same"), Pair("good", "bad")));
    }

    [Fact]
    public async Task feedback_about_an_answer_keeps_its_texts_beyond_the_retention_time()
    {
        var answer = await silo.User("alice").Generate(Ask("why?"));
        var reaction = new ReactionFeedback(Thumb.Up)
        {
            User = "alice",
            OperationId = TestSilo.Op(),
            Interaction = answer.Interaction,
        };
        Assert.Equal([FeedbackStatus.Accepted], await Statuses(reaction));
        silo.Interactions.Retention = TimeSpan.FromMinutes(1);
        silo.Clock.Advance(TimeSpan.FromMinutes(2));
        var texts = Assert.Single(await Alice.List()).Texts();
        Assert.Equal([new ChatMessage("user", "why?")], texts.Prompt!);
        Assert.Equal("one two three", Assert.Single(texts.Answers));

        // The interaction is gone: the same event is known, a new one is not accepted any more.
        Assert.Equal([FeedbackStatus.Duplicate], await Statuses(reaction));
        var late = await Alice.Append([reaction with { OperationId = TestSilo.Op() }]);
        Assert.Equal("unknown_interaction", late[0].Error!.Code);
    }

    [Fact]
    public async Task an_answer_given_to_somebody_else_is_unknown_but_a_guests_is_not()
    {
        var bobs = await silo.User("bob").Generate(Ask("why?"));
        var guests = await silo.Grains.GetGrain<IGuestGrain>(1).Generate(Ask("why?"));
        var results = await Alice.Append([Thumbs(bobs), Thumbs(guests)]);
        Assert.Equal("unknown_interaction", results[0].Error!.Code);
        Assert.Equal(FeedbackStatus.Accepted, results[1].Status);

        FeedbackEvent Thumbs(Answer answer) => new ReactionFeedback(Thumb.Up)
        {
            User = "alice",
            OperationId = TestSilo.Op(),
            Interaction = answer.Interaction,
        };
    }

    [Fact]
    public async Task answers_to_different_prompts_cannot_be_compared()
    {
        var one = await silo.User("alice").Generate(Ask("why?"));
        var two = await silo.User("alice").Generate(Ask("how?"));
        var results = await Alice.Append(
        [
            new PairFeedback(FeedbackAnswer.Given(one.Interaction!), FeedbackAnswer.Given(two.Interaction!))
            {
                User = "alice",
                OperationId = TestSilo.Op(),
            },
        ]);
        Assert.Equal("different_prompts", results[0].Error!.Code);
    }

    [Fact]
    public async Task too_many_events_are_refused_as_a_whole()
    {
        var many = Enumerable.Range(0, SoupsLimits.MaxFeedbackBatch + 1).Select(_ => Pair("a", "b")).ToArray();
        var error = await Assert.ThrowsAsync<SoupsException>(() => Alice.Append(many));
        Assert.Equal("batch_too_large", error.Code);
        Assert.Empty(await Alice.List());
    }

    [Fact]
    public async Task counts_and_filters_follow_preference_kind_and_user()
    {
        await Alice.Append([Pair("a", "b") with { Preference = "P1A" }, Pair("a", "b")]);
        await silo.Feedback("bob").Append(
        [
            Pair("a", "b") with { User = "bob", Preference = "P1A" },
            About(new ReactionFeedback(Thumb.Up) { Answer = "a" }) with { User = "bob", Preference = "P1A" },
        ]);
        var counts = await silo.FeedbackLog.Count();
        Assert.Equal(
            [(null, "pair", 1L, 1L), ("P1A", "pair", 2L, 2L), ("P1A", "reaction", 1L, 0L)],
            counts.Select(c => (c.Preference, c.Kind, c.Events, c.Comparisons)));
        Assert.Equal(2, (await silo.FeedbackLog.Count(after: 2)).Sum(c => c.Events));

        Assert.Equal(3, (await ReadAll(new FeedbackFilter { Preference = "P1A" })).Count);
        Assert.Equal(2, (await ReadAll(new FeedbackFilter { User = "bob" })).Count);
        Assert.Single(await ReadAll(new FeedbackFilter { Kind = "reaction" }));
        Assert.Equal(2, (await ReadAll(new FeedbackFilter(), after: 2)).Count);
    }

    [Fact]
    public async Task long_logs_are_read_page_by_page_without_gaps()
    {
        await Alice.Append([.. Enumerable.Range(0, 700).Select(_ => Pair("a", "b"))]);
        var read = await ReadAll(new FeedbackFilter());
        Assert.Equal(700, read.Select(s => s.Event.OperationId).Distinct().Count());
    }

    [Fact]
    public async Task the_newest_events_of_a_user_are_read_and_counted_without_the_others()
    {
        await Alice.Append(
        [
            .. Enumerable.Range(0, 30).Select(i => Pair("a", "b") with { OperationId = $"pair-{i:00}" }),
            Pair("a", "b") with { OperationId = "by preference", Preference = "P1A" },
            About(new ReactionFeedback(Thumb.Up) { Answer = "a" }) with { OperationId = "thumb" },
        ]);
        await silo.Feedback("bob").Append([Pair("a", "b") with { User = "bob" }]);
        Assert.Equal(
            ["thumb", "by preference", "pair-29", "pair-28"],
            (await Alice.Newest(4)).Select(s => s.Event.OperationId));
        Assert.Equal(
            ["pair-29", "pair-28"],
            (await Alice.Newest(2, new FeedbackFilter { Kind = "pair", Preference = "", User = "bob" }))
                .Select(s => s.Event.OperationId));
        Assert.Equal(
            ["by preference"],
            (await Alice.Newest(9, new FeedbackFilter { Preference = "P1A" })).Select(s => s.Event.OperationId));
        Assert.Equal((32, 1), (await Alice.Count(), await silo.Feedback("bob").Count()));
        Assert.Equal(0, await silo.Feedback("cleo").Count());
        Assert.Empty(await silo.Feedback("cleo").Newest(1));
        foreach (var most in (int[])[0, SoupsLimits.MaxFeedbackBatch + 1])
            Assert.Equal("most", (await Assert.ThrowsAsync<SoupsException>(() => Alice.Newest(most))).Param);
    }

    [Fact]
    public async Task it_is_told_which_operations_of_a_user_are_stored()
    {
        await Alice.Append([Pair("a", "b") with { OperationId = "one" }, Pair("a", "b") with { OperationId = "two" }]);
        Assert.Equal(["one", "two"], (await Alice.Known(["two", "three", "one", "one"])).Order());
        Assert.Empty(await silo.Feedback("bob").Known(["one"]));
        Assert.Empty(await Alice.Known([]));
        var many = Enumerable.Range(0, SoupsLimits.MaxFeedbackBatch + 1).Select(i => $"{i}").ToArray();
        Assert.Equal("batch_too_large", (await Assert.ThrowsAsync<SoupsException>(() => Alice.Known(many))).Code);
    }

    [Fact]
    public async Task an_export_holds_feedback_and_forgetting_removes_it_for_this_user_alone()
    {
        await silo.User("alice").Generate(Ask("why?"));
        await Alice.Append([Pair("a", "b")]);
        await silo.Feedback("bob").Append([Pair("a", "b") with { User = "bob" }]);
        var export = await silo.User("alice").Export();
        Assert.Single(export.Interactions);
        Assert.Single(export.Feedback);

        await silo.User("alice").Forget(TestSilo.Op());
        export = await silo.User("alice").Export();
        Assert.Empty(export.Interactions);
        Assert.Empty(export.Feedback);
        Assert.Equal("bob", Assert.Single(await ReadAll(new FeedbackFilter())).Event.User);

        // A position is never given twice, or a reader who goes on from it would miss events.
        var next = Pair("c", "d");
        await Alice.Append([next]);
        Assert.True((await Alice.List())[0].Position > 2);
    }

    public static TheoryData<FeedbackEvent, string> Wrong => new()
    {
        { Pair("a", "b") with { User = "bob" }, "invalid_user" },
        { Pair("a", "b") with { OperationId = "" }, "invalid_operation_id" },
        { Pair("a", "b") with { Preference = "../x" }, "invalid_preference" },
        { Pair("a", "b") with { At = new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero) }, "out_of_range" },
        { Pair("a", "b") with { Prompt = null }, "prompt_required" },
        { Pair("a", "b") with { Prompt = [] }, "invalid_prompt" },
        { Pair("a", "b") with { Prompt = [new("assistant", "hi")] }, "invalid_prompt" },
        { Pair("a", "b") with { Prompt = [new("wizard", "hi"), new("user", "hi")] }, "invalid_prompt" },
        { Pair("a", "b") with { Prompt = [new("user", new string('x', 65537))] }, "out_of_range" },
        { Pair("a", "b") with { Interaction = "one" }, "ambiguous_prompt" },
        { Pair("a", new string('x', 65537)), "out_of_range" },
        { Pair("a", "a"), "equal_answers" },
        { Pair("a", "b") with { Margin = -1 }, "out_of_range" },
        { Pair("a", "b") with { Margin = double.NaN }, "out_of_range" },
        { Pair("a", "b") with { Margin = 1e39 }, "out_of_range" },
        { Pair("a", "b") with { Chosen = new FeedbackAnswer() }, "invalid_answer" },
        { Pair("a", "b") with { Chosen = new FeedbackAnswer("i", "t") }, "invalid_answer" },
        { About(new RankingFeedback([FeedbackAnswer.Of("a")])), "out_of_range" },
        { About(new RankingFeedback([FeedbackAnswer.Of("a"), FeedbackAnswer.Of("b")]) { Ranks = [1] }), "out_of_range" },
        { About(new ReactionFeedback(Thumb.Up)), "invalid_answer" },
        { About(new ReactionFeedback((Thumb)7) { Answer = "a" }), "out_of_range" },
        { About(new RatingFeedback([]) { Answer = "a" }), "out_of_range" },
        { About(new RatingFeedback(new() { ["x"] = 6 }) { Answer = "a" }), "out_of_range" },
        { About(new RatingFeedback(new() { ["x"] = double.NaN }) { Answer = "a" }), "out_of_range" },
        { About(new RatingFeedback(new() { [" "] = 3 }) { Answer = "a" }), "out_of_range" },
        { About(new RatingFeedback(new() { ["x"] = 1 }) { Answer = "a", Best = 1 }), "out_of_range" },
        { About(new RatingFeedback(new() { ["x"] = 1 }) { Answer = "a", Best = 1e10 }), "out_of_range" },
        { About(new RatingFeedback(new() { ["x"] = 1 }) { Answer = "a", Worst = -1e308 }), "out_of_range" },
        { About(new SegmentFeedback(0, 1, "x") { Answer = "a", Value = 1e10 }), "out_of_range" },
        { About(new SegmentFeedback(-1, 1, "x") { Answer = "a" }), "out_of_range" },
        { About(new SegmentFeedback(0, 2, "x") { Answer = "a" }), "out_of_range" },
        { About(new SegmentFeedback(int.MaxValue, int.MaxValue, "x") { Answer = "a" }), "out_of_range" },
        { About(new SegmentFeedback(0, 1, "") { Answer = "a" }), "out_of_range" },
        { About(new CorrectionFeedback("") { Answer = "a" }), "empty_correction" },
        { About(new CorrectionFeedback("a") { Answer = "a" }), "equal_answers" },
        { About(new OutcomeFeedback("x", double.PositiveInfinity) { Answer = "a" }), "out_of_range" },
        { About(new OutcomeFeedback("x", -1e308) { Answer = "a" }), "out_of_range" },
        { new ReactionFeedback(Thumb.Up) { User = "alice", OperationId = "o", Interaction = "nobody's" }, "unknown_interaction" },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public async Task a_wrong_event_is_refused_with_a_reason(FeedbackEvent feedback, string code)
    {
        var result = Assert.Single(await Alice.Append([feedback]));
        Assert.Equal((FeedbackStatus.Refused, code), (result.Status, result.Error?.Code));
        Assert.Empty(await Alice.List());
    }

    internal static PairFeedback Pair(string chosen, string rejected) =>
        About(new PairFeedback(FeedbackAnswer.Of(chosen), FeedbackAnswer.Of(rejected)));

    internal static T About<T>(T feedback, string prompt = "why?")
        where T : FeedbackEvent =>
        feedback with { User = "alice", OperationId = TestSilo.Op(), Prompt = [new ChatMessage("user", prompt)] };

    private static string Json(FeedbackEvent feedback) =>
        System.Text.Json.JsonSerializer.Serialize(feedback, FeedbackJson.Options);

    private static TextRequest Ask(string text) => new() { Messages = [new ChatMessage("user", text)] };

    private async Task<FeedbackStatus[]> Statuses(params FeedbackEvent[] events) =>
        [.. (await Alice.Append(events)).Select(r => r.Status)];

    private async Task<List<StoredFeedback>> ReadAll(FeedbackFilter filter, long after = 0)
    {
        var all = new List<StoredFeedback>();
        await foreach (var stored in silo.FeedbackLog.Read(filter, after))
            all.Add(stored);
        return all;
    }
}
