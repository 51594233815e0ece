using Orleans.Configuration;
using SoupsActors.Testing.Hosting;

namespace SoupsActors.Actors.Tests.Conformance;

/// <summary>A running silo with a clock that tests move, on whichever host this build is for.</summary>
public sealed class TestHost : IAsyncDisposable
{
    private readonly GrainTestHost host;

    private TestHost(GrainTestHost host, ManualTimeProvider time) => (this.host, Time) = (host, time);

    public IGrainFactory Grains => host.Grains;

    public IServiceProvider Services => host.Services;

    public ManualTimeProvider Time { get; }

    /// <summary>Starts a silo with memory storage and memory reminders, and whatever else the test asks for.</summary>
    public static async Task<TestHost> StartAsync(Action<ISiloBuilder>? configure = null)
    {
        var time = new ManualTimeProvider();
        var started = await GrainTestHost.StartAsync(time, _ => { }, silo =>
        {
            silo.AddMemoryGrainStorageAsDefault().AddMemoryGrainStorage("other");
            configure?.Invoke(silo);
            silo.UseInMemoryReminderService();
        });
        return new TestHost(started, time);
    }

    /// <summary>Calls that get no response end after two seconds.</summary>
    public static void ShortTimeouts(ISiloBuilder silo) =>
        silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(2));

    /// <inheritdoc cref="GrainTestHost.PassTimeouts"/>
    public void PassTimeouts(TimeSpan time) => host.PassTimeouts(time);

    /// <summary>
    /// Moves the clock by a time and waits for what is to happen then. Orleans sets some of its timers beside the calls
    /// that ask for them, perhaps after the clock was moved; it moves on a little until they fire.
    /// </summary>
    public async Task AdvanceToAsync(TimeSpan time, string gate)
    {
        Time.Advance(time);
        for (var tries = 0; tries < 40 && !await Gates.ArrivesSoonAsync(gate); tries++)
            Time.Advance(TimeSpan.FromSeconds(1));
        await Gates.ArrivalAsync(gate);
    }

    /// <inheritdoc cref="GrainTestHost.StopAsync"/>
    public Task StopAsync() => host.StopAsync();

    public ValueTask DisposeAsync() => host.DisposeAsync();
}
