using SoupsActors.Dashboard.Shared;

namespace SoupsActors.Dashboard.Data;

/// <summary>What a source found when it last looked.</summary>
/// <param name="Value">The newest value; after a failure the last one that could be read.</param>
/// <param name="Problem">Why it could not be read this time, or null.</param>
/// <param name="At">When it was read.</param>
public sealed record LiveReading<T>(T? Value, string? Problem, DateTimeOffset At)
    where T : class;

/// <summary>
/// Reads something again and again for everybody who watches: once for all of them, and not at all while nobody does.
/// It keeps the last reading and nothing else; a watcher that is slow misses readings.
/// </summary>
public abstract class LiveSource<T>(TimeSpan period, TimeProvider clock)
    where T : class
{
    private readonly Lock gate = new();
    private readonly HashSet<Watcher> watchers = [];
    private LiveReading<T>? last;
    private CancellationTokenSource? running;

    /// <summary>How many watch.</summary>
    internal int Watchers
    {
        get
        {
            lock (gate)
                return watchers.Count;
        }
    }

    /// <summary>Calls back with each reading until disposed, at first with the last one if it is recent.</summary>
    /// <param name="onReading">Called by one reading at a time; what it throws ends nobody's watch.</param>
    public IDisposable Watch(Func<LiveReading<T>, Task> onReading)
    {
        var watcher = new Watcher(this, onReading);
        LiveReading<T>? recent;
        lock (gate)
        {
            watchers.Add(watcher);
            recent = last is not null && clock.GetUtcNow() - last.At < period ? last : null;
            if (running is null)
            {
                running = new CancellationTokenSource();

                // Before the loop begins, its watcher may be gone and another's loop have taken the field.
                var stop = running.Token;
                _ = Task.Run(() => RunAsync(stop));
            }
        }

        if (recent is not null)
            watcher.Offer(recent);
        return watcher;
    }

    /// <summary>Reads once more, now; for after a change made on the page.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken = default)
    {
        var reading = await TryReadAsync(cancellationToken);
        Watcher[] all;
        lock (gate)
        {
            last = reading;
            all = [.. watchers];
        }

        foreach (var watcher in all)
            watcher.Offer(reading);
    }

    /// <summary>Reads the value.</summary>
    protected abstract Task<T> ReadAsync(CancellationToken cancellationToken);

    private async Task RunAsync(CancellationToken stop)
    {
        try
        {
            using var timer = new PeriodicTimer(period, clock);
            do
            {
                await RefreshAsync(stop);
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Nobody watches any more.
        }
    }

    private async Task<LiveReading<T>> TryReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return new LiveReading<T>(await ReadAsync(cancellationToken), null, clock.GetUtcNow());
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            return new LiveReading<T>(last?.Value, Failures.Explain(error), clock.GetUtcNow());
        }
    }

    private void Leave(Watcher watcher)
    {
        CancellationTokenSource? idle = null;
        lock (gate)
        {
            if (watchers.Remove(watcher) && watchers.Count == 0)
                (idle, running) = (running, null);
        }

        idle?.Cancel();
        idle?.Dispose();
    }

    private sealed class Watcher(LiveSource<T> source, Func<LiveReading<T>, Task> onReading) : IDisposable
    {
        private LiveReading<T>? waiting;
        private int isBusy;
        private volatile bool isGone;

        // One reading waits at most: a newer one takes its place.
        public void Offer(LiveReading<T> reading)
        {
            Interlocked.Exchange(ref waiting, reading);
            if (Interlocked.CompareExchange(ref isBusy, 1, 0) == 0)
                _ = Task.Run(DeliverAsync);
        }

        public void Dispose()
        {
            isGone = true;
            source.Leave(this);
        }

        private async Task DeliverAsync()
        {
            do
            {
                while (!isGone && Interlocked.Exchange(ref waiting, null) is { } reading)
                {
                    try
                    {
                        await onReading(reading);
                    }
                    catch (Exception error) when (error is ObjectDisposedException or InvalidOperationException)
                    {
                        // The page was closed while its reading was under way.
                        Dispose();
                    }
                }

                Volatile.Write(ref isBusy, 0);
            }
            while (!isGone && Volatile.Read(ref waiting) is not null
                && Interlocked.CompareExchange(ref isBusy, 1, 0) == 0);
        }
    }
}
