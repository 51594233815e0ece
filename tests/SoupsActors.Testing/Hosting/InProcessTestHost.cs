using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Hosting;

namespace SoupsActors.Testing.Hosting;

internal static class GrainTestHosts
{
    public const string Name = "InProcess";

    public static async Task<GrainTestHost> StartAsync(
        TimeProvider clock, Action<IServiceCollection> services, Action<ISiloBuilder> silo)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddSingleton(clock);
        services(builder.Services);
        builder.UseOrleans(silo);
        var host = builder.Build();
        await host.StartAsync();
        return new InProcessTestHost(host, clock);
    }
}

internal sealed class InProcessTestHost(IHost host, TimeProvider clock) : GrainTestHost
{
    public override IGrainFactory Grains { get; } = host.Services.GetRequiredService<IGrainFactory>();

    public override IServiceProvider Services => host.Services;

    public override void PassTimeouts(TimeSpan time) => ((ManualTimeProvider)clock).Advance(time);

    protected override Task StopOnceAsync() => host.StopAsync();

    protected override ValueTask DisposeHostAsync()
    {
        host.Dispose();
        return ValueTask.CompletedTask;
    }
}
