namespace SoupsActors.Actors.Tests.Conformance;

public interface IListener : IGrainObserver
{
    void Heard(string what);

    Task Confirm(string what);
}

public interface ISpeakerGrain : IGrainWithStringKey
{
    Task Add(IListener listener);

    Task Say(string what);

    Task SayAndConfirm(string what);
}

public sealed class SpeakerGrain : Grain, ISpeakerGrain
{
    private readonly List<IListener> listeners = [];

    public Task Add(IListener listener)
    {
        listeners.Add(listener);
        return Task.CompletedTask;
    }

    public Task Say(string what)
    {
        foreach (var listener in listeners)
            listener.Heard(what);
        return Task.CompletedTask;
    }

    public Task SayAndConfirm(string what) => Task.WhenAll(listeners.Select(listener => listener.Confirm(what)));
}

public sealed class ObserversAndManagement
{
    private readonly string id = Guid.NewGuid().ToString("N");

    [Fact]
    public async Task Grains_call_observers_one_call_at_a_time_in_order()
    {
        await using var host = await TestHost.StartAsync();
        var listener = new Listener(id);
        var reference = host.Grains.CreateObjectReference<IListener>(listener);
        var speaker = host.Grains.GetGrain<ISpeakerGrain>(id);
        await speaker.Add(reference);
        for (var i = 0; i < 100; i++)
            await speaker.Say($"{i}");
        await speaker.SayAndConfirm("end");
        Assert.Equal([.. Enumerable.Range(0, 100).Select(i => $"{i}"), "end"], listener.All);
        host.Grains.DeleteObjectReference<IListener>(reference);
    }

    [Fact]
    public async Task Activations_are_counted_by_class()
    {
        await using var host = await TestHost.StartAsync();
        for (var i = 0; i < 5; i++)
            await host.Grains.GetGrain<IEchoGrain>($"{i}").Nothing();
        await host.Grains.GetGrain<IIntegerGrain>(1).Key();
        var management = host.Grains.GetGrain<IManagementGrain>(0);
        Assert.InRange(await management.GetTotalActivationCount(), 6, 100);
        var echo = Assert.Single(await management.GetSimpleGrainStatistics(), s => s.GrainType.Contains(
            nameof(EchoGrain), StringComparison.Ordinal));
        Assert.Equal(5, echo.ActivationCount);
        Assert.Equal(5, (await management.GetActiveGrains(GrainType.Create("echo"))).Count);
        await management.ForceActivationCollection(TimeSpan.Zero);
    }

    private sealed class Listener(string id) : IListener
    {
        public List<string> All { get; } = [];

        public void Heard(string what) => All.Add(what);

        public Task Confirm(string what)
        {
            Heard(what);
            Gates.Signal(id);
            return Task.CompletedTask;
        }
    }
}
