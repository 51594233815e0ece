using Microsoft.Extensions.DependencyInjection;
using Orleans;
using SoupsActors.Dashboard.Data.Feed;
using SoupsActors.Dashboard.Tests.Browsing;
using SoupsActors.Feedback;
using SoupsActors.Generation;

namespace SoupsActors.Dashboard.Tests.Feedback;

/// <summary>The feed against a silo of its own, without a browser.</summary>
public sealed class FeedbackFeedTests : IAsyncLifetime
{
    private readonly DashboardServer server = new();

    private IGrainFactory Grains => server.Services.GetRequiredService<IGrainFactory>();

    public async ValueTask InitializeAsync() => await server.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task the_feed_is_bounded_reads_what_is_new_and_drops_who_was_forgotten()
    {
        var feed = server.Services.GetRequiredService<FeedbackFeed>();
        Assert.Empty((await UntilAsync(feed, 0)).Lines);

        await AppendAsync("gone", 300);
        await AppendAsync("kept", FeedbackFeed.Most);
        var view = await UntilAsync(feed, 1300);
        Assert.Equal((1300, FeedbackFeed.Most), (view.Events, view.Lines.Count));
        Assert.Equal(view.Lines.OrderByDescending(l => l.Position), view.Lines);
        Assert.Equal((FeedbackFeed.Most, true), (view.LastDay, view.IsAtLeast));
        Assert.Equal(FeedbackFeed.Most, view.LastHour);

        await AppendAsync("gone", 5);
        view = await UntilAsync(feed, 1305);
        Assert.Equal(["gone", "gone", "gone", "gone", "gone", "kept"], view.Lines.Take(6).Select(l => l.User));
        Assert.Equal(FeedbackFeed.Most, view.Lines.Count);
        var full = await feed.FindAsync(view.Lines[0].Position, TestContext.Current.CancellationToken);
        Assert.Equal("gone", full!.Event.User);

        await Grains.GetGrain<IFeedbackGrain>("gone").Forget("forget");
        view = await UntilAsync(feed, 1000);
        Assert.Equal((FeedbackFeed.Most, FeedbackFeed.Most), (view.Events, view.Lines.Count));
        Assert.All(view.Lines, l => Assert.Equal("kept", l.User));
        Assert.Null(await feed.FindAsync(full.Position, TestContext.Current.CancellationToken));
    }

    // A watcher may be given first what was read a moment ago.
    private static async Task<FeedbackView> UntilAsync(FeedbackFeed feed, long events)
    {
        var read = new TaskCompletionSource<FeedbackView>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watch = feed.Watch(reading =>
        {
            if (reading.Value is { } view && view.Events == events)
                read.TrySetResult(view);
            return Task.CompletedTask;
        });
        await feed.RefreshAsync(TestContext.Current.CancellationToken);
        return await read.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    private async Task AppendAsync(string user, int count)
    {
        var results = await Grains.GetGrain<IFeedbackGrain>(user).Append(
        [
            .. Enumerable.Range(0, count).Select(i => new PairFeedback(
                FeedbackAnswer.Of($"a{i}"), FeedbackAnswer.Of("b"))
            {
                User = user,
                OperationId = Guid.NewGuid().ToString("N"),
                Prompt = [new ChatMessage("user", "why?")],
            }),
        ]);
        Assert.All(results, r => Assert.Equal(FeedbackStatus.Accepted, r.Status));
    }
}
