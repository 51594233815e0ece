using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace SoupsActors.Actors;

/// <summary>Registers the host's services.</summary>
internal sealed class SiloBuilder : ISiloBuilder
{
    private SiloBuilder(IServiceCollection services, IConfiguration configuration)
    {
        Services = services;
        Configuration = configuration;
    }

    public IServiceCollection Services { get; }

    public IConfiguration Configuration { get; }

    public static ISiloBuilder Create(IServiceCollection services, IConfiguration configuration)
    {
        var builder = new SiloBuilder(services, configuration);
        services.AddSingleton<ISiloBuilder>(builder);
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<GrainHost>();
        services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<GrainHost>());
        services.AddSingleton<IClusterClient>(provider => provider.GetRequiredService<GrainHost>());
        services.AddSingleton<ILocalSiloDetails, PlacementFilters.OnlySilo>();
        services.AddSingleton<IGrainContextAccessor, GrainContextAccessor>();
        services.AddHostedService<GrainHostService>();
        services.AddOptions<GrainCollectionOptions>()
            .Validate(
                o => o.CollectionQuantum > TimeSpan.Zero, "GrainCollectionOptions.CollectionQuantum must be positive.")
            .Validate(
                o => o.CollectionAge > o.CollectionQuantum
                    && o.ClassSpecificCollectionAge.Values.All(age => age > o.CollectionQuantum),
                "GrainCollectionOptions.CollectionAge must be longer than CollectionQuantum, for each class as well.")
            .ValidateOnStart();
        services.AddOptions<SiloMessagingOptions>()
            .Validate(
                o => o.ResponseTimeout > TimeSpan.Zero || o.ResponseTimeout == Timeout.InfiniteTimeSpan,
                "SiloMessagingOptions.ResponseTimeout must be positive.")
            .ValidateOnStart();
        services.AddOptions<ReminderOptions>()
            .Validate(
                o => o.MinimumReminderPeriod > TimeSpan.Zero, "ReminderOptions.MinimumReminderPeriod must be positive.")
            .ValidateOnStart();
        return builder;
    }

    private sealed class GrainContextAccessor : IGrainContextAccessor
    {
        public IGrainContext? GrainContext => RuntimeContext.Current;
    }
}

/// <summary>Starts and stops the grain host with the application.</summary>
internal sealed class GrainHostService(GrainHost host, IServiceProvider services) : IHostedService
{
    private readonly ReminderService? reminders = services.GetService<ReminderService>();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (reminders is not null)
            await reminders.StartAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (reminders is not null)
            await reminders.StopAsync(cancellationToken);
        await host.StopAsync(cancellationToken);
    }
}
