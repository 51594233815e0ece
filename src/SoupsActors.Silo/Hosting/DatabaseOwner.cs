using Microsoft.Extensions.Options;
using Npgsql;
using SoupsActors.Clustering;
using SoupsActors.Grains.Storage;
using SoupsActors.Grains.Storage.PostgreSql;
using SoupsActors.Silo.Hosting.Clustering;

namespace SoupsActors.Silo.Hosting;

/// <summary>
/// Claims the database before the silo starts and holds it to its end. A claim that was lost with the connection is taken
/// again; where another server took it meanwhile, this one stops.
/// </summary>
internal sealed partial class DatabaseOwner(
    PostgreSqlDatabase database,
    IOptions<SoupsOptions> options,
    StartupState state,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<DatabaseOwner> logger) : IHostedLifecycleService, IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Check = TimeSpan.FromSeconds(5);

    private readonly DatabaseClaim claim = new(database, Cluster(options.Value.Cluster));
    private readonly CancellationTokenSource stopping = new();
    private Task watch = Task.CompletedTask;

    /// <summary>Registers it where the settings name PostgreSQL.</summary>
    public static void AddTo(IServiceCollection services, IConfiguration configuration)
    {
        var storage = configuration.GetSection($"{SoupsOptions.Section}:{nameof(SoupsOptions.Storage)}");
        if (Names(nameof(StorageOptions.Provider)) || Names(nameof(StorageOptions.FeedbackProvider)))
            services.AddHostedService<DatabaseOwner>();

        bool Names(string setting) =>
            StorageProviders.PostgreSql.Equals(storage[setting], StringComparison.OrdinalIgnoreCase);
    }

    // A server that was just replaced, or whose machine was lost, still holds the database for a while.
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        for (var isFirst = true; !await claim.TryTakeAsync(cancellationToken); isFirst = false)
        {
            if (clock.GetElapsedTime(start) >= options.Value.Storage.StartTimeout)
                throw new InvalidOperationException(claim.Refusal);
            if (isFirst)
                LogWaiting(claim.Refusal);
            await Task.Delay(Pause, clock, cancellationToken);
        }

        watch = WatchAsync(stopping.Token);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // The last writes of grains are done by now.
    public Task StoppedAsync(CancellationToken cancellationToken) => ReleaseAsync();

    // A start that failed is never stopped.
    public async ValueTask DisposeAsync()
    {
        await ReleaseAsync();
        stopping.Dispose();
    }

    private async Task ReleaseAsync()
    {
        await stopping.CancelAsync();
        await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await claim.DisposeAsync();
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Check, clock, cancellationToken);
            if (await claim.HoldsAsync(cancellationToken) || await TakeAgainAsync(cancellationToken))
                continue;
            LogTaken(claim.Refusal);
            state.Failed(claim.Refusal);
            lifetime.StopApplication();
            return;
        }
    }

    /// <returns>False where another server has the database now.</returns>
    private async Task<bool> TakeAgainAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await claim.TryTakeAsync(cancellationToken);
            }
            catch (NpgsqlException)
            {
                // It is away, and whoever needs it says so.
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }

    private static string? Cluster(ClusterOptions cluster) =>
        ClusterHost.CanCluster && cluster.IsCluster ? $"{cluster.ServiceId}/{cluster.ClusterId}" : null;

    [LoggerMessage(LogLevel.Warning, "Waiting for the database to be free. {Reason}")]
    private partial void LogWaiting(string reason);

    [LoggerMessage(LogLevel.Critical, "The database was away, and another server has taken it, so this one stops. {Reason}")]
    private partial void LogTaken(string reason);
}
