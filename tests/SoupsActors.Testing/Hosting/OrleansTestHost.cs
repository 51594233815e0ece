using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using Orleans.Reminders;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace SoupsActors.Testing.Hosting;

internal static class GrainTestHosts
{
    public const string Name = "Orleans";

    public static async Task<GrainTestHost> StartAsync(
        TimeProvider clock, Action<IServiceCollection> services, Action<ISiloBuilder> silo)
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ConfigureFileLogging = false;
        builder.Options.InitializeClientOnDeploy = false;
        builder.ConfigureSiloHost((_, host) =>
        {
            host.Logging.ClearProviders().SetMinimumLevel(LogLevel.None);
            UseClock(host.Services, clock);
            services(host.Services);
        });
        builder.ConfigureSilo((_, one) => silo(one));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new OrleansTestHost(cluster);
    }

    // What keeps the silo itself going stays on the machine's clock; what grains can notice follows the test's.
    private static void UseClock(IServiceCollection services, TimeProvider clock)
    {
        services.AddSingleton(clock);
        services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
        services.AddKeyedSingleton(TimeProviderNames.ActivationManagement, clock);
        services.AddKeyedSingleton(ReminderTimeProviderNames.Reminders, clock);
    }
}

internal sealed class OrleansTestHost(InProcessTestCluster cluster) : GrainTestHost
{
    public override IServiceProvider Services { get; } = cluster.Silos[0].SiloHost.Services;

    public override IGrainFactory Grains => field ??= Services.GetRequiredService<IGrainFactory>();

    // Orleans measures how long a call waits with the machine's own stop watch.
    public override void PassTimeouts(TimeSpan time)
    {
    }

    protected override Task StopOnceAsync() => cluster.Silos[0].SiloHost.StopAsync();

    protected override ValueTask DisposeHostAsync() => cluster.DisposeAsync();
}
