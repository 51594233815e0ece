using System.Runtime.CompilerServices;
using SoupsActors.Dashboard.Data;
using SoupsActors.Dashboard.Data.Feed;
using SoupsActors.Dashboard.Tests.Data;
using SoupsActors.Feedback;
using SoupsActors.Generation;
using SoupsActors.Testing;

namespace SoupsActors.Dashboard.Tests.Feedback;

/// <summary>How much of a long log the pages read.</summary>
public sealed class FeedbackReadingTests
{
    private long events;
    private int read;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(300, 300)]
    [InlineData(50_000, FeedbackFeed.Most)]
    public async Task the_first_visit_reads_the_newest_events_only(int stored, int expected)
    {
        events = stored;
        var feed = new FeedbackFeed(FakeGrains.Of(Log()), new ManualTimeProvider());
        var view = await ReadAsync(feed);
        Assert.Equal((expected, stored), (view.Lines.Count, view.Events));
        Assert.Equal(expected, read);
    }

    [Fact]
    public async Task an_import_during_a_visit_is_not_read_whole_and_little_news_is_added()
    {
        events = 2000;
        var feed = new FeedbackFeed(FakeGrains.Of(Log()), new ManualTimeProvider());
        await ReadAsync(feed);
        (events, read) = (50_000, 0);
        Assert.Equal(50_000, (await ReadAsync(feed)).Lines[0].Position);
        Assert.Equal(FeedbackFeed.Most, read);
        (events, read) = (50_003, 0);
        var view = await ReadAsync(feed);
        Assert.Equal((50_003, FeedbackFeed.Most), (view.Lines[0].Position, view.Lines.Count));
        Assert.Equal(3, read);
    }

    [Fact]
    public async Task what_a_rater_has_judged_is_looked_up_by_name()
    {
        var plan = new ComparisonPlan("P1A", "P1A", null, ComparedModels.BaseTwice, ["one", "two"]);
        var judged = Enumerable.Range(0, 150).Where(i => i != 140).Select(i => plan.Pair(i).Operation).ToHashSet();
        var desk = new ComparisonDesk(FakeGrains.Of(new Dictionary<string, Func<object?[], object?>>
        {
            ["IFeedbackGrain.Known"] = args => Task.FromResult(((string[])args[0]!).Where(judged.Contains).ToArray()),
            ["IFeedbackLogGrain.FindInteraction"] = _ => Task.FromResult<Interaction?>(null),
            ["IGuestGrain.Generate"] = args => Task.FromResult(
                new Answer(((TextRequest)args[0]!).Interaction!, default, new AnswerUsage(1, 1), null, null)),
        }));
        var token = TestContext.Current.CancellationToken;
        Assert.Equal(140, (await desk.NextAsync(plan, "ann", 0, token)).Number);
        Assert.Equal(150, (await desk.NextAsync(plan, "ann", 141, token)).Number);
        var nobody = await Assert.ThrowsAsync<SoupsException>(() => desk.NextAsync(plan, " ", 0, token));
        Assert.Equal("user", nobody.Param);
    }

    private static async Task<FeedbackView> ReadAsync(FeedbackFeed feed)
    {
        await feed.RefreshAsync(TestContext.Current.CancellationToken);
        var seen = new TaskCompletionSource<LiveReading<FeedbackView>>();
        using var watch = feed.Watch(reading =>
        {
            seen.TrySetResult(reading);
            return Task.CompletedTask;
        });
        return (await seen.Task).Value!;
    }

    private Dictionary<string, Func<object?[], object?>> Log() => new()
    {
        ["IFeedbackLogGrain.Count"] = _ => Task.FromResult<FeedbackCount[]>(
            events == 0 ? [] : [new FeedbackCount(null, FeedbackKinds.Pair, events, events, events)]),
        ["IFeedbackLogGrain.Read"] = args => EventsAfter((long)args[1]!, TestContext.Current.CancellationToken),
    };

    private async IAsyncEnumerable<StoredFeedback> EventsAfter(
        long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        for (var position = after + 1; position <= events; position++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            read++;
            var pair = new PairFeedback(FeedbackAnswer.Of("a"), FeedbackAnswer.Of("b")) { User = "ann" };
            yield return new StoredFeedback(position, DateTimeOffset.UnixEpoch, pair);
        }
    }
}
