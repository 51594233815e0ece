using System.Threading.Channels;
using SoupsActors.Cluster;

namespace SoupsActors.Silo.Statistics;

/// <summary>Reports this silo to the cluster grain: rarely while nobody looks, often and at once when somebody does.</summary>
internal sealed partial class SiloReporter(
    IGrainFactory grains,
    SiloWatch watch,
    ServingHistory history,
    ServingMeters meters,
    TimeProvider clock,
    ILogger<SiloReporter> logger) : BackgroundService, ISiloReporter
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(10);

    private readonly Channel<bool> wakes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public Task Wake()
    {
        wakes.Writer.TryWrite(true);
        return Task.CompletedTask;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Held so that the instruments are heard from the start.
        _ = meters;
        try
        {
            var self = grains.CreateObjectReference<ISiloReporter>(this);
            var plan = new ReportPlan(TimeSpan.Zero, Details: false, History: true);
            var isFailing = false;
            for (var sentTo = 0L; !stoppingToken.IsCancellationRequested;)
            {
                try
                {
                    (plan, sentTo) = await ReportAsync(self, plan, sentTo);
                    isFailing = false;
                }
                catch (Exception error) when (!stoppingToken.IsCancellationRequested)
                {
                    // Said once: the next report tells what this one would have.
                    if (!isFailing)
                        LogFailure(error);
                    isFailing = true;
                    plan = plan with { Pause = AfterFailure };
                }

                await PauseAsync(plan.Pause, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task<(ReportPlan Plan, long SentTo)> ReportAsync(ISiloReporter self, ReportPlan plan, long sentTo)
    {
        var state = watch.State();
        history.Now.Queue(state.QueueLength);
        var buckets = history.Since(plan.History ? 0 : sentTo);
        var report = new SiloReport(watch.Identity, state, buckets, plan.Details ? watch.Details() : null);
        var next = await grains.GetGrain<IClusterGrain>(IClusterGrain.Key).Report(report, self);

        // What was asked for is sent at once, not after the pause.
        if ((next.Details && !plan.Details) || (next.History && !plan.History))
            next = next with { Pause = TimeSpan.Zero };
        return (next, buckets[^1].Start);
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken stop)
    {
        if (pause <= TimeSpan.Zero)
            return;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var waking = wakes.Reader.WaitToReadAsync(end.Token).AsTask();
        await Task.WhenAny(waking, Task.Delay(pause, clock, end.Token));
        await end.CancelAsync();
        wakes.Reader.TryRead(out _);
        stop.ThrowIfCancellationRequested();
    }

    [LoggerMessage(LogLevel.Warning, "The cluster's overview could not be told what this silo does; it is tried again.")]
    private partial void LogFailure(Exception error);
}
