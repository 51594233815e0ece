using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Feedback;
using SoupsActors.Generation;
using SoupsActors.Grains.Feedback;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Data.Datasets;
using SoupsActors.Testing.PostgreSql;

namespace SoupsActors.Grains.Tests.Feedback;

public sealed class SqliteComparisonSourceTests() : ComparisonSourceTests(new TestSilo());

public sealed class PostgreSqlComparisonSourceTests(PostgreSqlFixture server) : ComparisonSourceTests(new PostgreSqlTestSilo(server));

public abstract class ComparisonSourceTests(TestSilo silo) : IAsyncLifetime
{
    private IComparisonSource Source => silo.Services.GetRequiredService<IComparisonSource>();

    public ValueTask InitializeAsync() => silo.InitializeAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return silo.DisposeAsync();
    }

    [Fact]
    public async Task a_pair_is_a_comparison_with_its_conversation()
    {
        await Append(FeedbackGrainTests.Pair("good", "bad") with
        {
            Preference = "P1A",
            Margin = 0.5,
            Prompt = [new("system", "s"), new("user", "u"), new("assistant", "a"), new ChatMessage("user", "why?")],
        });
        var comparison = Assert.Single(await Read("P1A"));
        Assert.Equal(("why?", "good", "bad"), (comparison.Prompt, comparison.Chosen, comparison.Rejected));
        Assert.Equal(("P1A", 0.5, "feedback/pair"), (comparison.Preference, comparison.Margin, comparison.Source));
        Assert.Equal([("system", "s"), ("user", "u"), ("assistant", "a")], comparison.Earlier.Select(t => (t.Role, t.Content)));
        Assert.Empty(await Read(null));
    }

    [Fact]
    public async Task a_ranking_makes_every_ordered_pair_and_none_of_ties()
    {
        await Append(FeedbackGrainTests.About(new RankingFeedback([.. "abcd".Select(c => FeedbackAnswer.Of($"{c}"))])
        {
            Ranks = [3, 1, 3, 2],
        }));
        Assert.Equal(["ba", "bc", "bd", "da", "dc"], Shorthand(await Read(null)));
    }

    [Fact]
    public async Task a_tie_of_all_answers_is_stored_and_teaches_nothing()
    {
        await Append(FeedbackGrainTests.About(new RankingFeedback([FeedbackAnswer.Of("a"), FeedbackAnswer.Of("b")])
        {
            Ranks = [1, 1],
        }));
        Assert.Empty(await Read(null));
    }

    [Fact]
    public async Task a_correction_is_better_than_what_it_corrects()
    {
        await Append(FeedbackGrainTests.About(new CorrectionFeedback("x") { Answer = "a" }));
        Assert.Equal(["xa"], Shorthand(await Read(null)));
    }

    [Fact]
    public async Task reactions_to_two_answers_of_one_prompt_make_a_pair()
    {
        await Append(
            Thumbs("a", Thumb.Up),
            Thumbs("b", Thumb.Up),
            Thumbs("c", Thumb.Down),
            Thumbs("d", Thumb.Down) with { Prompt = [new ChatMessage("user", "another question")] },
            Thumbs("e", Thumb.Down) with { Preference = "P1A" });
        Assert.Equal(["ac", "bc"], Shorthand(await Read(null)).Order());
        Assert.Empty(await Read("P1A"));
    }

    [Fact]
    public async Task users_are_not_compared_with_each_other()
    {
        await Append(Thumbs("a", Thumb.Up));
        await silo.Feedback("bob").Append([Thumbs("b", Thumb.Down) with { User = "bob" }]);
        Assert.Empty(await Read(null));
    }

    [Fact]
    public async Task a_changed_mind_counts_from_then_on()
    {
        await Append(
            Thumbs("a", Thumb.Down),
            Thumbs("a", Thumb.Up),
            Thumbs("b", Thumb.Down));
        Assert.Equal(["ab"], Shorthand(await Read(null)));
    }

    [Fact]
    public async Task ratings_make_pairs_with_the_difference_as_margin_in_shares_of_their_scale()
    {
        await Append(Marks("a", 2), Marks("b", 4.5), Marks("c", 2));
        var comparisons = await Read(null);
        Assert.Equal(["ba", "bc"], Shorthand(comparisons));
        Assert.All(comparisons, c => Assert.Equal(0.625, c.Margin!.Value, 9));
        await Append(Percent("d", 80), Percent("e", 10));
        Assert.All(await Read("P1A"), c => Assert.Equal(0.7, c.Margin!.Value, 9));
    }

    [Fact]
    public async Task what_was_stored_before_there_were_bounds_can_be_read_and_exported()
    {
        await AppendUnchecked(
            FeedbackGrainTests.Pair("a", "b") with { Margin = 1e39 },
            Observed("c", 1e308),
            Observed("d", -1e308),
            Marks("e", 1) with { Worst = -1e308, Best = 1e308 },
            Marks("f", 2) with { Worst = -1e308, Best = 1e308 });
        var comparisons = await Read(null);
        Assert.Equal(["ab", "cd"], Shorthand(comparisons).Take(2));
        Assert.All(comparisons, c => Assert.InRange(c.Margin!.Value, 0, SoupsLimits.MaxFeedbackValue));
        var output = new ArrayBufferWriter<byte>();
        foreach (var comparison in comparisons)
            DatasetWriter.Write(output, comparison);
        Assert.All(await Labels(null), l => Assert.True(l.Score is null or (>= 0 and <= 1)));
    }

    [Fact]
    public async Task outcomes_are_compared_by_what_was_observed()
    {
        await Append(
            FeedbackGrainTests.About(new OutcomeFeedback("solved", 1) { Answer = "a" }),
            FeedbackGrainTests.About(new OutcomeFeedback("bought", 0) { Answer = "b" }),
            FeedbackGrainTests.About(new OutcomeFeedback("solved", 0) { Answer = "c" }));
        Assert.Equal(["ac"], Shorthand(await Read(null)));
    }

    [Fact]
    public async Task answers_without_a_text_teach_nothing()
    {
        silo.Interactions.KeepText = false;
        var answer = await silo.User("alice").Generate(new TextRequest { Messages = [new ChatMessage("user", "why?")] });
        await Append(
            new CorrectionFeedback("better") { User = "alice", OperationId = "1", Interaction = answer.Interaction },
            new ReactionFeedback(Thumb.Up) { User = "alice", OperationId = "2", Interaction = answer.Interaction });
        Assert.Empty(await Read(null));
        Assert.Equal(0, (await Source.CountAsync(null, 0, TestContext.Current.CancellationToken)).Comparisons);
        Assert.Empty(await Labels(null));
    }

    [Fact]
    public async Task parts_of_answers_are_segments_and_teach_nothing_else()
    {
        await Append(
            FeedbackGrainTests.About(new SegmentFeedback(4, 3, "false") { Answer = "It 🌧 is dry.", Value = -1 }),
            FeedbackGrainTests.About(new SegmentFeedback(0, 2, "good") { Answer = "It is wet.", Preference = "P1A" }),
            Thumbs("a", Thumb.Up));
        var segments = new List<LabelledSegment>();
        await foreach (var placed in Source.ReadSegmentsAsync(null))
            segments.Add(placed.Segment);
        var segment = Assert.Single(segments);
        Assert.Equal("\udf27 i", segment.Text);
        Assert.Equal(("false", -1, "feedback/segment"), (segment.Label, segment.Value, segment.Source));
        Assert.Empty(await Read("P1A"));
        Assert.Empty(await Labels("P1A"));

        // What begins within a character is no text of its own, but must not end an export.
        var output = new ArrayBufferWriter<byte>();
        DatasetWriter.Write(output, segment);
        using var line = System.Text.Json.JsonDocument.Parse(output.WrittenMemory);
        Assert.Equal("It 🌧 is dry.", line.RootElement.GetProperty("completion").GetString());
    }

    [Fact]
    public async Task what_is_said_of_parts_of_answers_whose_text_is_not_kept_teaches_nothing()
    {
        silo.Interactions.KeepText = false;
        var answer = await silo.User("alice").Generate(new TextRequest { Messages = [new ChatMessage("user", "why?")] });
        await Append(new SegmentFeedback(0, 1, "good")
        {
            User = "alice",
            OperationId = "1",
            Interaction = answer.Interaction,
        });
        await foreach (var placed in Source.ReadSegmentsAsync(null))
            Assert.Fail(placed.Segment.Text);
    }

    [Fact]
    public async Task single_answers_are_labels()
    {
        await Append(
            Thumbs("a", Thumb.Up),
            Thumbs("b", Thumb.Down),
            Marks("c", 4),
            Marks("d", 2),
            FeedbackGrainTests.About(new OutcomeFeedback("solved", -1) { Answer = "e" }),
            FeedbackGrainTests.About(new OutcomeFeedback("solved", 0) { Answer = "f" }),
            FeedbackGrainTests.Pair("g", "h"));
        var labels = await Labels(null);
        Assert.Equal(
            [("a", true, null), ("b", false, null), ("c", true, 0.75), ("d", false, 0.25), ("e", false, null)],
            labels.Select(l => (l.Completion, l.Label, l.Score)));
    }

    [Fact]
    public async Task a_reader_goes_on_where_it_was_and_counts_tell_what_awaits_it()
    {
        await Append(FeedbackGrainTests.Pair("a", "b"), FeedbackGrainTests.Pair("c", "d"));
        var seen = await Source.CountAsync(null, 0, TestContext.Current.CancellationToken);
        Assert.Equal(2, seen.Comparisons);
        Assert.Equal(new ComparisonCount(0, seen.Last), await Source.CountAsync(null, seen.Last));
        await Append(FeedbackGrainTests.Pair("e", "f"));
        Assert.Equal(1, (await Source.CountAsync(null, seen.Last)).Comparisons);
        Assert.Equal(["ef"], Shorthand(await Read(null, after: seen.Last)));
        Assert.Equal(["ab", "cd"], Shorthand(await Read(null, through: seen.Last)));
    }

    // Whatever is said in whatever order: counts agree with what is read, reading in parts gives what reading at once
    // gives, and no comparison contradicts the last scores that led to it.
    [Fact]
    public void counts_parts_and_wholes_agree()
    {
        var kind = Gen.Elements("up", "down", "rate", "pair", "rank", "correct");
        var digits = Gen.Choose(0, 3).ArrayOf(3);
        var step = kind.Zip(digits, (k, d) => (k, a: d[0], b: d[1], p: d[2] % 2));
        var user = 0;
        Prop.ForAll(step.ArrayOf().ToArbitrary(), steps =>
        {
            var (name, preference) = ($"u{user}", $"P{user++}");
            var events = steps.Where(s => s.k is "up" or "down" or "rate" || s.a != s.b)
                .Select(s => Event(s.k, $"{s.a}", $"{s.b}", $"prompt {s.p}") with { User = name, Preference = preference })
                .ToArray();
#pragma warning disable VSTHRD002 // properties are checked one after the other
            var results = silo.Feedback(name).Append(events).GetAwaiter().GetResult();
            Assert.All(results, r => Assert.Equal(FeedbackStatus.Accepted, r.Status));
            var all = ReadPlaced(preference, 0, long.MaxValue).GetAwaiter().GetResult();
            var count = Source.CountAsync(preference).GetAwaiter().GetResult();
            Assert.Equal(count.Comparisons, all.Count);
            if (all.Count > 0)
            {
                var cut = all[all.Count / 2].Position;
                var parts = ReadPlaced(preference, 0, cut).GetAwaiter().GetResult()
                    .Concat(ReadPlaced(preference, cut, long.MaxValue).GetAwaiter().GetResult());
#pragma warning restore VSTHRD002
                Assert.Equal(all.Select(Line), parts.Select(Line));
            }

            Assert.All(all, p => Assert.NotEqual(p.Comparison.Chosen, p.Comparison.Rejected));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

        static string Line(PlacedComparison p) =>
            $"{p.Position} {p.Comparison.Prompt} {p.Comparison.Chosen} {p.Comparison.Rejected} {p.Comparison.Margin}";

        static FeedbackEvent Event(string kind, string a, string b, string prompt) => kind switch
        {
            "up" or "down" => FeedbackGrainTests.About(
                new ReactionFeedback(kind == "up" ? Thumb.Up : Thumb.Down) { Answer = a }, prompt),
            "rate" => FeedbackGrainTests.About(
                new RatingFeedback(new() { ["x"] = 1 + int.Parse(b) }) { Answer = a }, prompt),
            "pair" => FeedbackGrainTests.About(
                new PairFeedback(FeedbackAnswer.Of(a), FeedbackAnswer.Of(b)), prompt),
            "rank" => FeedbackGrainTests.About(
                new RankingFeedback([FeedbackAnswer.Of(a), FeedbackAnswer.Of(b), FeedbackAnswer.Of("z")]), prompt),
            _ => FeedbackGrainTests.About(new CorrectionFeedback(a) { Answer = b }, prompt),
        };
    }

    private static ReactionFeedback Thumbs(string answer, Thumb thumb) =>
        FeedbackGrainTests.About(new ReactionFeedback(thumb) { Answer = answer });

    private static OutcomeFeedback Observed(string answer, double value) =>
        FeedbackGrainTests.About(new OutcomeFeedback("gain", value) { Answer = answer });

    private static RatingFeedback Percent(string answer, double mark) =>
        Marks(answer, mark) with { Preference = "P1A", Worst = 0, Best = 100 };

    private static RatingFeedback Marks(string answer, double mark) =>
        FeedbackGrainTests.About(new RatingFeedback(new() { ["help"] = mark }) { Answer = answer });

    private static IEnumerable<string> Shorthand(IEnumerable<Comparison> comparisons) =>
        comparisons.Select(c => c.Chosen + c.Rejected);

    private async Task Append(params FeedbackEvent[] events)
    {
        foreach (var result in await silo.Feedback("alice").Append(events))
            Assert.Equal((FeedbackStatus.Accepted, null), (result.Status, result.Error?.Message));
    }

    private Task AppendUnchecked(params FeedbackEvent[] events) =>
        silo.Services.GetRequiredService<IFeedbackStore>().AppendAsync([.. events.Select(e =>
        {
            var (json, fingerprint) = CheckedFeedback.Print(e);
            return new CheckedFeedback(e, json, fingerprint, null);
        })]);

    private async Task<List<Comparison>> Read(string? preference, long after = 0, long through = long.MaxValue) =>
        (await ReadPlaced(preference, after, through)).ConvertAll(p => p.Comparison);

    private async Task<List<PlacedComparison>> ReadPlaced(string? preference, long after, long through)
    {
        var all = new List<PlacedComparison>();
        await foreach (var placed in Source.ReadAsync(preference, after, through))
            all.Add(placed);
        return all;
    }

    private async Task<List<LabelledAnswer>> Labels(string? preference)
    {
        var all = new List<LabelledAnswer>();
        await foreach (var placed in Source.ReadLabelsAsync(preference))
            all.Add(placed.Answer);
        return all;
    }
}
