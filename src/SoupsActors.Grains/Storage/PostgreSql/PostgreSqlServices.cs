using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace SoupsActors.Grains.Storage.PostgreSql;

/// <summary>Registers the database.</summary>
internal static class PostgreSqlServices
{
    public static void AddPostgreSqlDatabase(this IServiceCollection services)
    {
        services.TryAddSingleton<PostgreSqlDatabase>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, Preparation>());
    }

    /// <summary>Makes the tables ready before any other service starts, the silo among them.</summary>
    private sealed class Preparation(PostgreSqlDatabase database) : IHostedLifecycleService
    {
        public Task StartingAsync(CancellationToken cancellationToken) => database.PrepareAsync(cancellationToken);

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
