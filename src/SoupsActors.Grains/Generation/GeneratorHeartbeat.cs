using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SoupsActors.Placement;

namespace SoupsActors.Grains.Generation;

/// <summary>Keeps the directory of generators up to date, and takes this silo's off when it stops.</summary>
internal sealed partial class GeneratorHeartbeat(
    GeneratorDirectory directory,
    IOptions<PlacementOptions> options,
    TimeProvider clock,
    ILogger<GeneratorHeartbeat> logger) : BackgroundService
{
    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(2);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await directory.LeaveAsync().WaitAsync(FarewellLimit, cancellationToken);
        }
        catch (Exception error)
        {
            LogNotLeft(error);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ReportPeriod, clock);
        try
        {
            do
            {
                await BeatAsync();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    private async Task BeatAsync()
    {
        try
        {
            await directory.ExchangeAsync();
        }
        catch (Exception error)
        {
            LogNotExchanged(error);
        }
    }

    [LoggerMessage(LogLevel.Debug, "The directory of generators did not answer; the next report follows.")]
    private partial void LogNotExchanged(Exception error);

    [LoggerMessage(LogLevel.Debug, "The directory of generators could not be told that this silo stops.")]
    private partial void LogNotLeft(Exception error);
}
