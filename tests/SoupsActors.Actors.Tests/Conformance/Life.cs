using Orleans.Concurrency;
using Orleans.Configuration;

namespace SoupsActors.Actors.Tests.Conformance;

public interface ILifeGrain : IGrainWithStringKey
{
    Task<int> Activation();

    Task End();

    Task VisitAndEnd(string gate);

    Task Keep(TimeSpan time);

    Task CallOnDeactivate(string other);
}

public class LifeGrain : Grain, ILifeGrain
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, int> Activations = new();
    private int activation;
    private string? other;

    public static string Deactivated(string key, int activation) => $"{key} deactivated {activation}";

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        activation = Activations.AddOrUpdate(this.GetPrimaryKeyString(), 1, (_, n) => n + 1);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (other is not null)
            await GrainFactory.GetGrain<ILifeGrain>(other).Activation();
        Gates.Signal(Deactivated(this.GetPrimaryKeyString(), activation));
        Gates.Signal($"{this.GetPrimaryKeyString()} {reason.ReasonCode}");
    }

    public Task<int> Activation() => Task.FromResult(activation);

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task VisitAndEnd(string gate)
    {
        await Gates.PassAsync(gate);
        DeactivateOnIdle();
    }

    public Task Keep(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.CompletedTask;
    }

    public Task CallOnDeactivate(string other)
    {
        this.other = other;
        return Task.CompletedTask;
    }
}

public interface IAlwaysAliveGrain : ILifeGrain;

[KeepAlive]
public sealed class AlwaysAliveGrain : LifeGrain, IAlwaysAliveGrain;

public interface IShortLivedGrain : ILifeGrain;

[CollectionAgeLimit(Minutes = 2)]
public sealed class ShortLivedGrain : LifeGrain, IShortLivedGrain;

public interface IFragileGrain : IGrainWithStringKey
{
    Task<string> Ok();
}

public sealed class FragileGrain : Grain, IFragileGrain
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, int> Attempts = new();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (Attempts.AddOrUpdate(this.GetPrimaryKeyString(), 1, (_, n) => n + 1) == 1)
            throw new InvalidDataException("not the first time");
    }

    public Task<string> Ok() => Task.FromResult("ok");
}

public interface IWorkerGrain : IGrainWithIntegerKey
{
    Task Work(string gate);
}

[StatelessWorker(3)]
public sealed class WorkerGrain : Grain, IWorkerGrain
{
    public Task Work(string gate) => Gates.PassAsync(gate);
}

public sealed class Life
{
    private readonly string id = Guid.NewGuid().ToString("N");

    [Fact]
    public async Task A_grain_has_one_activation_however_many_call_first()
    {
        await using var host = await TestHost.StartAsync();
        var calls = Enumerable.Range(
            0, 200).Select(_ => Task.Run(() => host.Grains.GetGrain<ILifeGrain>(id).Activation()));
        Assert.All(await Task.WhenAll(calls), activation => Assert.Equal(1, activation));
    }

    [Fact]
    public async Task A_failed_activation_fails_its_callers_and_the_next_call_tries_again()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IFragileGrain>(id);
        var failure = await Assert.ThrowsAsync<InvalidDataException>(() => grain.Ok());
        Assert.Equal("not the first time", failure.Message);
        Assert.Equal("ok", await grain.Ok());
    }

    [Fact]
    public async Task Calls_that_wait_for_a_grain_that_ends_go_to_its_next_activation_in_order()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<ILifeGrain>(id);
        var ending = grain.VisitAndEnd(id);
        await Gates.ArrivalAsync(id);
        var waiting = Enumerable.Range(0, 20).Select(_ => grain.Activation()).ToArray();
        Gates.Open(id);
        await ending;
        Assert.All(await Task.WhenAll(waiting), activation => Assert.Equal(2, activation));
        await Gates.ArrivalAsync(LifeGrain.Deactivated(id, 1));
    }

    [Fact]
    public async Task Stateless_workers_multiply_up_to_their_limit()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IWorkerGrain>(0);
        var calls = Enumerable.Range(0, 4).Select(i => grain.Work($"{id}{i}")).ToArray();
        List<Task> arrivals = [.. Enumerable.Range(0, 4).Select(i => Gates.ArrivalAsync($"{id}{i}"))];
        foreach (var _ in Enumerable.Range(0, 3))
            arrivals.Remove(await Task.WhenAny(arrivals));
        Assert.False(Assert.Single(arrivals).IsCompleted);
        foreach (var i in Enumerable.Range(0, 4))
            Gates.Open($"{id}{i}");
        await Task.WhenAll(calls);
    }

    [Fact]
    public async Task Idle_grains_end()
    {
        await using var host = await TestHost.StartAsync(silo => silo.Configure<GrainCollectionOptions>(options =>
        {
            options.CollectionQuantum = TimeSpan.FromSeconds(1);
            options.CollectionAge = TimeSpan.FromSeconds(2);
        }));
        var grain = host.Grains.GetGrain<ILifeGrain>(id);
        await grain.Activation();
        host.Time.Advance(TimeSpan.FromSeconds(4));
        await Gates.ArrivalAsync($"{id} {DeactivationReasonCode.ActivationIdle}");
        Assert.Equal(2, await grain.Activation());
    }

    [Fact]
    public async Task Stopping_ends_all_grains()
    {
        await using var host = await TestHost.StartAsync();
        var keys = Enumerable.Range(0, 20).Select(i => $"{id}{i}").ToArray();
        foreach (var key in keys)
            await host.Grains.GetGrain<ILifeGrain>(key).Activation();
        await host.StopAsync();
        Assert.All(keys, key => Assert.True(Gates.HasArrived(LifeGrain.Deactivated(key, 1))));
        Assert.All(keys, key => Assert.True(Gates.HasArrived($"{key} {DeactivationReasonCode.ShuttingDown}")));
    }

    [Fact]
    public async Task Stopping_refuses_new_calls()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<ITurnsGrain>(id);
        await grain.Counted();
        await host.StopAsync();
        await Assert.ThrowsAnyAsync<Exception>(async () => await grain.Counted());
    }
}
