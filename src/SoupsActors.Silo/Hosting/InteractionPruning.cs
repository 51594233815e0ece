using Microsoft.Extensions.Options;
using SoupsActors.Grains.Feedback;

namespace SoupsActors.Silo.Hosting;

/// <summary>Deletes answers whose retention time is over: at the start, then at least every hour.</summary>
internal sealed partial class InteractionPruning(
    InteractionStore store, IOptions<SoupsOptions> options, TimeProvider clock, ILogger<InteractionPruning> logger)
    : BackgroundService
{
    private TimeSpan Pause => TimeSpan.FromMinutes(
        Math.Clamp(options.Value.InteractionRetention.TotalMinutes / 10, 1, 60));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        try
        {
            do
            {
                await PruneAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task PruneAsync(CancellationToken cancellationToken)
    {
        try
        {
            var pruned = await store.PruneAsync(cancellationToken);
            if (pruned > 0)
                LogPruned(pruned);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogFailed(error);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Count} answers were kept long enough and are deleted.")]
    private partial void LogPruned(int count);

    [LoggerMessage(LogLevel.Error, "Old answers could not be deleted; the next try is within the hour.")]
    private partial void LogFailed(Exception error);
}
