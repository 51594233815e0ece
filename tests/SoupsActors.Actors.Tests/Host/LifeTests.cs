using Orleans.Configuration;
using SoupsActors.Actors.Tests.Conformance;

namespace SoupsActors.Actors.Tests.Host;

/// <summary>What the in-process host promises beyond a cluster, and its clock for idle grains.</summary>
public sealed class LifeTests
{
    private readonly string id = Guid.NewGuid().ToString("N");

    [Fact]
    public async Task Each_activation_serves_at_least_one_call_even_if_it_ends_itself_each_time()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<ILifeGrain>(id);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => grain.End()));
        Assert.InRange(await grain.Activation(), 2, 21);
    }

    [Fact]
    public async Task Idle_grains_end_after_the_collection_age()
    {
        await using var host = await TestHost.StartAsync(silo => silo.Configure<GrainCollectionOptions>(options =>
            options.CollectionAge = TimeSpan.FromMinutes(5)));
        var grain = host.Grains.GetGrain<ILifeGrain>(id);
        await grain.Activation();
        host.Time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(1, await grain.Activation());
        host.Time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(1, await grain.Activation());
        host.Time.Advance(TimeSpan.FromMinutes(7));
        await Gates.ArrivalAsync($"{id} {DeactivationReasonCode.ActivationIdle}");
        Assert.Equal(2, await grain.Activation());
    }

    [Fact]
    public async Task Classes_may_live_longer_or_shorter_when_idle()
    {
        await using var host = await TestHost.StartAsync();
        var forever = host.Grains.GetGrain<IAlwaysAliveGrain>(id + "forever");
        var brief = host.Grains.GetGrain<IShortLivedGrain>(id + "brief");
        await forever.Activation();
        await brief.Activation();
        host.Time.Advance(TimeSpan.FromMinutes(4));
        await Gates.ArrivalAsync(LifeGrain.Deactivated(id + "brief", 1));
        host.Time.Advance(TimeSpan.FromDays(10));
        Assert.Equal(1, await forever.Activation());
    }

    [Fact]
    public async Task A_grain_can_put_off_its_end()
    {
        await using var host = await TestHost.StartAsync();
        var patient = host.Grains.GetGrain<ILifeGrain>(id + "patient");
        var control = host.Grains.GetGrain<ILifeGrain>(id + "control");
        await patient.Keep(TimeSpan.FromHours(2));
        await control.Activation();
        host.Time.Advance(TimeSpan.FromHours(1));
        await Gates.ArrivalAsync(LifeGrain.Deactivated(id + "control", 1));
        Assert.Equal(1, await patient.Activation());
        host.Time.Advance(TimeSpan.FromHours(2));
        await Gates.ArrivalAsync(LifeGrain.Deactivated(id + "patient", 1));
    }

    [Fact]
    public async Task Stopping_ends_all_grains_even_those_that_call_others_as_they_end()
    {
        await using var host = await TestHost.StartAsync();
        var keys = Enumerable.Range(0, 20).Select(i => $"{id}{i}").ToArray();
        foreach (var (key, other) in keys.Zip(keys.Skip(1)))
            await host.Grains.GetGrain<ILifeGrain>(key).CallOnDeactivate(other);
        await host.Grains.GetGrain<ILifeGrain>(keys[^1]).Activation();
        await host.StopAsync();
        Assert.All(keys, key => Assert.True(Gates.HasArrived(LifeGrain.Deactivated(key, 1))));
        Assert.All(keys, key => Assert.True(Gates.HasArrived($"{key} {DeactivationReasonCode.ShuttingDown}")));
    }

    [Fact]
    public async Task Stopping_lets_calls_under_way_end_and_refuses_new_ones()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<ITurnsGrain>(id);
        var running = grain.Visit(id + "running");
        var queued = grain.Visit(id + "queued");
        Gates.Open(id + "queued");
        await Gates.ArrivalAsync(id + "running");
        var stop = host.StopAsync();
        await Assert.ThrowsAnyAsync<OrleansException>(async () => await grain.Counted());
        Assert.False(stop.IsCompleted);
        Gates.Open(id + "running");
        await stop;
        await running;
        await queued;
    }

    [Fact]
    public async Task Others_wait_for_all_read_only_calls_under_way()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<ITurnsGrain>(id);
        var one = grain.Look(id + "one");
        await Gates.ArrivalAsync(id + "one");
        var two = grain.Look(id + "two");
        await Gates.ArrivalAsync(id + "two");
        var writer = grain.Visit(id + "writer");
        Gates.Open(id + "one");
        await one;
        Assert.DoesNotContain(id + "writer", await grain.Journal());
        Gates.Open(id + "two");
        Gates.Open(id + "writer");
        await Task.WhenAll(two, writer);
    }
}
