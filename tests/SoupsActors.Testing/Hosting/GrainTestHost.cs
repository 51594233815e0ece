using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;

namespace SoupsActors.Testing.Hosting;

/// <summary>
/// One silo with a clock that tests move. This is the only place where tests know which host they were built for: the
/// in-process one, or a cluster of Orleans' TestingHost.
/// </summary>
public abstract class GrainTestHost : IAsyncDisposable
{
    private bool stopped;

    /// <summary>The host that this build runs grains on.</summary>
    public static string Name => GrainTestHosts.Name;

    /// <summary>Calls grains from within the silo.</summary>
    public abstract IGrainFactory Grains { get; }

    /// <summary>The silo's services.</summary>
    public abstract IServiceProvider Services { get; }

    /// <summary>Starts a silo.</summary>
    /// <param name="clock">The time of grains, timers, reminders and idle collection.</param>
    /// <param name="services">Adds what grains get injected.</param>
    /// <param name="silo">Adds storages, reminders and options.</param>
    public static Task<GrainTestHost> StartAsync(
        TimeProvider clock, Action<IServiceCollection> services, Action<ISiloBuilder> silo) =>
        GrainTestHosts.StartAsync(clock, services, silo);

    /// <summary>
    /// Lets calls time out that wait for less than this. Does nothing where the host takes no clock for that: who awaits
    /// such a call then waits for its time-out.
    /// </summary>
    public abstract void PassTimeouts(TimeSpan time);

    /// <summary>Stops the silo in good order; a second call does nothing.</summary>
    public async Task StopAsync()
    {
        if (!stopped)
            await StopOnceAsync();
        stopped = true;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await StopAsync();
        await DisposeHostAsync();
    }

    /// <summary>Stops the silo.</summary>
    protected abstract Task StopOnceAsync();

    /// <summary>Frees the stopped silo.</summary>
    protected abstract ValueTask DisposeHostAsync();
}
