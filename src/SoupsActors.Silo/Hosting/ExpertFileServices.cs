using Microsoft.Extensions.Options;
using SoupsActors.Grains.Device;
using SoupsActors.Grains.Experts;
using SoupsActors.Silo.Http;

namespace SoupsActors.Silo.Hosting;

/// <summary>Registers the exchange of experts' weights between silos, and the collection of unused ones.</summary>
internal static class ExpertFileServices
{
    public static void AddExpertFiles(this IServiceCollection services)
    {
        services.AddSingleton(provider => Options.Create(
            provider.GetRequiredService<IOptions<SoupsOptions>>().Value.ExpertFiles));
        services.AddSingleton<IExpertPeers, ConfiguredPeers>();
        services.AddSingleton(Client);
        services.AddSingleton(provider => provider.GetRequiredService<DeviceEngine>().Files);
        services.AddSingleton<IExpertUse, GrainExpertUse>();
        services.AddSingleton<ExpertCollector>();
        services.AddHostedService<ExpertCollection>();
    }

    // Large files take their time: a transfer ends when nothing arrives any more, not after a fixed time.
    private static HttpClient Client(IServiceProvider provider)
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        client.DefaultRequestHeaders.Authorization = provider.GetRequiredService<ClusterKey>().Header;
        return client;
    }
}

/// <summary>Looks for unused weights, several times within the time they are kept.</summary>
internal sealed partial class ExpertCollection(
    ExpertCollector collector,
    StartupState startup,
    IOptions<ExpertFileOptions> options,
    TimeProvider clock,
    ILogger<ExpertCollection> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Packaged experts are registered while the server starts.
        await startup.Ended.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var timer = new PeriodicTimer(options.Value.UnusedRetention / 4, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await CollectAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task CollectAsync(CancellationToken cancellationToken)
    {
        try
        {
            var deleted = await collector.CollectAsync(cancellationToken);
            if (deleted > 0)
                LogDeleted(deleted);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogFailed(error);
        }
    }

    [LoggerMessage(LogLevel.Information, "The weights of {Count} versions that nobody uses any more are deleted.")]
    private partial void LogDeleted(int count);

    [LoggerMessage(LogLevel.Warning, "Unused weights could not be looked for; the next look will.")]
    private partial void LogFailed(Exception error);
}
