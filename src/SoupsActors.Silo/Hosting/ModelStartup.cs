using Microsoft.Extensions.Options;
using SoupsActors.Grains.Device;
using SoupsActors.Grains.Trainings;
using SoupsActors.Models.Files;
using SoupsActors.Preferences;

namespace SoupsActors.Silo.Hosting;

/// <summary>
/// Loads the model while the server already answers health checks, then publishes the experts and preferences that come
/// with it. A model that cannot be loaded stops the server with the reason.
/// </summary>
internal sealed partial class ModelStartup(
    DeviceEngine engine,
    IGrainFactory grains,
    DeviceSettings settings,
    IOptions<SoupsOptions> options,
    UnfinishedTrainings trainings,
    StartupState state,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<ModelStartup> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LogDirectories(settings.Package.ModelFolder, options.Value.DataPath);
        var start = clock.GetTimestamp();
        try
        {
            await engine.LoadAsync(stoppingToken);
            var packaged = new PackagedExperts(grains, engine.Experts);
            var experts = await packaged.PublishAsync(settings.Package, stoppingToken);
            await SeedPreferencesAsync();
            await trainings.ResumeAsync();
            state.Ready();
            LogReady(settings.Package.Name, experts.Length, clock.GetElapsedTime(start).TotalSeconds);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server was stopped while it loaded.
        }
        catch (Exception error) when (error is ModelFormatException or SoupsException or IOException)
        {
            GiveUp(error.Message);
        }
        catch (Exception error)
        {
            LogFailure(error);
            GiveUp(error.Message);
        }
    }

    private Task SeedPreferencesAsync()
    {
        var list = Miniature.Preferences.All
            .Select(p => new Preference(p.Id, Lower(p.Dimension.ToString()), p.Pole, p.Prompt, p.JudgeText, p.Id))
            .ToArray();
        return grains.GetGrain<IPreferenceCatalogGrain>(IPreferenceCatalogGrain.Key)
            .Replace(list, Guid.NewGuid().ToString("N"));
    }

    private void GiveUp(string reason)
    {
        LogGivenUp(reason);
        state.Failed(reason);

        // A stop while the web server is still binding its port would end the start in a bare cancellation.
        lifetime.ApplicationStarted.Register(lifetime.StopApplication);
    }

    private static string Lower(string name) => name.ToLowerInvariant();

    [LoggerMessage(LogLevel.Information, "Loading the model {Model}. Data is kept in {Data}.")]
    private partial void LogDirectories(string model, string data);

    [LoggerMessage(LogLevel.Information, "Ready: {Model} with {Experts} packaged experts, loaded in {Seconds:0.0} s.")]
    private partial void LogReady(string model, int experts, double seconds);

    [LoggerMessage(LogLevel.Critical, "The model cannot be used, so the server stops: {Reason}")]
    private partial void LogGivenUp(string reason);

    [LoggerMessage(LogLevel.Error, "Loading failed.")]
    private partial void LogFailure(Exception error);
}
