using Microsoft.Extensions.Options;
using SoupsActors.Grains.Device;
using SoupsActors.Grains.Placement;
using SoupsActors.Grains.Trainings;
using SoupsActors.Models.Files;
using SoupsActors.Preferences;

namespace SoupsActors.Silo.Hosting;

/// <summary>
/// Loads the model, where the silo's roles need one, while the server already answers health checks; then publishes the
/// experts and preferences that come with it. A model that cannot be loaded stops the server with the reason.
/// </summary>
internal sealed partial class ModelStartup(
    IGrainFactory grains,
    IOptions<SoupsOptions> options,
    StartupState state,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<ModelStartup> logger,
    DeviceEngine? engine = null,
    DeviceSettings? settings = null,
    UnfinishedTrainings? trainings = null) : BackgroundService
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (engine is not null && settings is not null)
                await LoadAsync(engine, settings, stoppingToken);
            await UntilReachedAsync(SeedPreferencesAsync, stoppingToken);
            if (trainings is not null)
                await trainings.ResumeAsync();
            state.Ready();
            LogReady(SiloRolesText.Format(options.Value.SiloRoles));
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

    private async Task LoadAsync(DeviceEngine device, DeviceSettings settings, CancellationToken stoppingToken)
    {
        LogDirectories(settings.Package.ModelFolder, options.Value.DataPath);
        var start = clock.GetTimestamp();
        await device.LoadAsync(stoppingToken);
        if (!options.Value.SiloRoles.HasFlag(SiloRoles.Generator))
            return;
        var packaged = new PackagedExperts(grains, device.Experts);
        string[] experts = [];
        await UntilReachedAsync(
            async () => experts = await packaged.PublishAsync(settings.Package, stoppingToken), stoppingToken);
        LogLoaded(settings.Package.Name, experts.Length, clock.GetElapsedTime(start).TotalSeconds);
    }

    // While a cluster starts, silos come and go; what is published names its operation and can be sent again.
    private async Task UntilReachedAsync(Func<Task> publish, CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await publish();
                return;
            }
            catch (Exception error) when (LostCalls.Is(error))
            {
                LogNotReached(error.Message);
                await Task.Delay(RetryPause, clock, stoppingToken);
            }
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

    [LoggerMessage(LogLevel.Information, "Loaded {Model} with {Experts} packaged experts in {Seconds:0.0} s.")]
    private partial void LogLoaded(string model, int experts, double seconds);

    [LoggerMessage(LogLevel.Information, "Ready: {Roles}.")]
    private partial void LogReady(string roles);

    [LoggerMessage(LogLevel.Warning, "The cluster could not be reached yet ({Reason}); trying again.")]
    private partial void LogNotReached(string reason);

    [LoggerMessage(LogLevel.Critical, "The model cannot be used, so the server stops: {Reason}")]
    private partial void LogGivenUp(string reason);

    [LoggerMessage(LogLevel.Error, "Loading failed.")]
    private partial void LogFailure(Exception error);
}
