using Microsoft.Extensions.Options;
using SoupsActors.Grains.Feedback;

namespace SoupsActors.Silo.Hosting;

/// <summary>Deletes answers and feedback whose retention time is over: at the start, then at least every hour.</summary>
internal sealed partial class Pruning(
    IInteractionStore interactions,
    FeedbackRetention feedback,
    IOptions<SoupsOptions> options,
    TimeProvider clock,
    ILogger<Pruning> logger)
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
            var answers = await interactions.PruneAsync(cancellationToken);
            if (answers > 0)
                LogPruned(answers, "answers");
            var events = await feedback.PruneAsync(cancellationToken);
            if (events > 0)
                LogPruned(events, "feedback events");
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogFailed(error);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Count} {What} were kept long enough and are deleted.")]
    private partial void LogPruned(int count, string what);

    [LoggerMessage(LogLevel.Error, "Old data could not be deleted; the next try is within the hour.")]
    private partial void LogFailed(Exception error);
}
