using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SoupsActors.Actors.Tests.Conformance;

/// <summary>
/// A running grain host with a clock that tests move. The conformance suite knows the host through this interface
/// alone, so that
/// it runs on another host by providing another one in <see cref="TestHost.StartAsync"/>.
/// </summary>
public interface ITestHost : IAsyncDisposable
{
    IGrainFactory Grains { get; }

    IServiceProvider Services { get; }

    ManualTimeProvider Time { get; }

    /// <summary>Stops the host in good order; a second call does nothing.</summary>
    Task StopAsync();
}

public static class TestHost
{
    /// <summary>Starts a host with memory storage and memory reminders, and whatever else the test asks for.</summary>
    public static async Task<ITestHost> StartAsync(Action<ISiloBuilder>? configure = null)
    {
        var time = new ManualTimeProvider();
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering().AddMemoryGrainStorageAsDefault().AddMemoryGrainStorage("other");
            configure?.Invoke(silo);
            silo.UseInMemoryReminderService();
        });
        var host = builder.Build();
        await host.StartAsync();
        return new InProcessTestHost(host, time);
    }

    private sealed class InProcessTestHost(IHost host, ManualTimeProvider time) : ITestHost
    {
        private bool stopped;

        public IGrainFactory Grains { get; } = host.Services.GetRequiredService<IGrainFactory>();

        public IServiceProvider Services => host.Services;

        public ManualTimeProvider Time => time;

        public async Task StopAsync()
        {
            if (!stopped)
                await host.StopAsync();
            stopped = true;
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            host.Dispose();
        }
    }
}
