using System.Threading.Channels;
using SoupsActors.Dashboard.Data;
using SoupsActors.Testing;

namespace SoupsActors.Dashboard.Tests.Data;

public sealed class LiveSourceTests
{
    private readonly ManualTimeProvider clock = new();

    [Fact]
    public async Task nothing_is_read_while_nobody_watches()
    {
        var source = new Counting(clock);
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(0, source.Reads);

        var read = source.NextAsync();
        var watch = source.Watch(_ => Task.CompletedTask);
        await read;
        watch.Dispose();
        Assert.Equal(0, source.Watchers);
        var reads = source.Reads;
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(reads, source.Reads);
    }

    [Fact]
    public async Task whoever_leaves_at_once_takes_the_loop_of_nobody_else()
    {
        for (var i = 0; i < 100; i++)
        {
            var source = new Counting(clock);
            source.Watch(_ => Task.CompletedTask).Dispose();
            using var watch = source.Watch(_ => Task.CompletedTask);

            // Each loop reads once as it begins: the first under a token that was cancelled, only the second goes on.
            var tokens = new[] { await source.TokenAsync(), await source.TokenAsync() };
            Assert.Single(tokens, token => !token.IsCancellationRequested);
        }
    }

    [Fact]
    public async Task everybody_who_watches_shares_one_reading()
    {
        var source = new Counting(clock);
        var seen = new TaskCompletionSource<int>[] { new(), new() };
        using var first = source.Watch(r => Note(seen[0], r));
        using var second = source.Watch(r => Note(seen[1], r));
        Assert.Equal(await seen[0].Task, await seen[1].Task);
        Assert.Equal(1, source.Reads);
    }

    [Fact]
    public async Task a_failure_keeps_the_last_value_and_says_what_is_wrong()
    {
        var source = new Counting(clock);
        await source.RefreshAsync(TestContext.Current.CancellationToken);
        source.Refusal = new SoupsException(SoupsError.Busy, "Come back later.", "busy");
        var seen = new List<LiveReading<Counting.Value>>();
        var failed = new TaskCompletionSource<LiveReading<Counting.Value>>();
        using var watch = source.Watch(reading =>
        {
            if (reading.Problem is not null)
                failed.TrySetResult(reading);
            return Task.CompletedTask;
        });
        await source.RefreshAsync(TestContext.Current.CancellationToken);
        var last = await failed.Task;
        Assert.Equal("Come back later.", last.Problem);
        Assert.Equal(1, last.Value!.Number);
    }

    [Fact]
    public async Task a_slow_watcher_misses_readings_and_holds_up_nobody()
    {
        var source = new Counting(clock);
        var release = new TaskCompletionSource();
        var entered = new TaskCompletionSource();
        var slow = new List<int>();
        var caughtUp = new TaskCompletionSource();
        using var watch = source.Watch(async reading =>
        {
            slow.Add(reading.Value!.Number);
            entered.TrySetResult();
            await release.Task;
            if (reading.Value.Number >= 100)
                caughtUp.TrySetResult();
        });
        await entered.Task;
        for (var i = 0; i < 100; i++)
            await source.RefreshAsync(TestContext.Current.CancellationToken);
        release.SetResult();
        await caughtUp.Task;
        Assert.InRange(slow.Count, 2, 3);
    }

    private static Task Note(TaskCompletionSource<int> seen, LiveReading<Counting.Value> reading)
    {
        seen.TrySetResult(reading.Value!.Number);
        return Task.CompletedTask;
    }

    private sealed class Counting(TimeProvider clock)
        : LiveSource<Counting.Value>(TimeSpan.FromSeconds(1), clock)
    {
        private readonly Channel<CancellationToken> tokens = Channel.CreateUnbounded<CancellationToken>();
        private int reads;
        private TaskCompletionSource next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Reads => Volatile.Read(ref reads);

        public Exception? Refusal { get; set; }

        public async Task<CancellationToken> TokenAsync() =>
            await tokens.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask()
                .WaitAsync(TimeSpan.FromSeconds(10));

        public Task NextAsync() => next.Task;

        protected override Task<Value> ReadAsync(CancellationToken cancellationToken)
        {
            tokens.Writer.TryWrite(cancellationToken);
            if (Refusal is not null)
                return Task.FromException<Value>(Refusal);
            var number = Interlocked.Increment(ref reads);
            Interlocked.Exchange(ref next, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
            return Task.FromResult(new Value(number));
        }

        internal sealed record Value(int Number);
    }
}
