using SoupsActors.Grains.Device;

namespace SoupsActors.Silo.Hosting;

/// <summary>
/// Stops the server when its engine has broken: it answers nothing any more, and who restarts the server, such as a
/// container's runtime, brings a new one.
/// </summary>
internal sealed partial class EngineWatch(
    DeviceEngine engine, StartupState state, IHostApplicationLifetime lifetime, ILogger<EngineWatch> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (await engine.WaitForEndAsync(stoppingToken) is not { } fault)
                return;
            var reason = $"The engine has broken: {fault.Message}";
            LogBroken(reason);
            state.Failed(reason);

            // A stop while the web server is still binding its port would end the start in a bare cancellation.
            lifetime.ApplicationStarted.Register(lifetime.StopApplication);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    [LoggerMessage(LogLevel.Critical, "The engine can answer nothing any more, so the server stops. {Reason}")]
    private partial void LogBroken(string reason);
}
