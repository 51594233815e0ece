using Microsoft.Extensions.DependencyInjection;
using Orleans.Providers;
using Orleans.Storage;

namespace SoupsActors.Actors.Tests.Conformance;

[GenerateSerializer]
public sealed record Profile
{
    [Id(0)]
    public string Name { get; set; } = "nobody";

    [Id(1)]
    public List<int> Numbers { get; set; } = [];
}

public interface IStateGrain : IGrainWithStringKey
{
    Task<(string Name, bool Exists, string? Etag)> Get();

    Task Set(string name);

    Task SetTwiceAtOnce(string first, string second);

    Task ChangeOnly(string name);

    Task Clear();

    Task Reread();

    Task End();

    Task<string> OtherName();
}

public sealed class StateGrain(
    [PersistentState("profile")] IPersistentState<Profile> profile,
    [PersistentState("second", "other")] IPersistentState<Profile> other) : Grain, IStateGrain
{
    public Task<(string Name, bool Exists, string? Etag)> Get() =>
        Task.FromResult((profile.State.Name, profile.RecordExists, profile.Etag));

    public async Task Set(string name)
    {
        profile.State.Name = name;
        await profile.WriteStateAsync();
    }

    public async Task SetTwiceAtOnce(string first, string second)
    {
        profile.State.Name = first;
        var one = profile.WriteStateAsync();
        profile.State.Name = second;
        var two = profile.WriteStateAsync();
        await Task.WhenAll(one, two);
    }

    public Task ChangeOnly(string name)
    {
        profile.State.Name = name;
        return Task.CompletedTask;
    }

    public Task Clear() => profile.ClearStateAsync();

    public Task Reread() => profile.ReadStateAsync();

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task<string> OtherName() => Task.FromResult(other.State.Name);
}

public interface ICounterGrain : IGrainWithIntegerKey
{
    Task<int> Increment();

    Task End();
}

[GenerateSerializer]
public sealed class Counter
{
    [Id(0)]
    public int Value { get; set; }
}

[StorageProvider(ProviderName = "other")]
public sealed class CounterGrain : Grain<Counter>, ICounterGrain
{
    public async Task<int> Increment()
    {
        State.Value++;
        await WriteStateAsync();
        return State.Value;
    }

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

public interface IHomelessGrain : IGrainWithStringKey
{
    Task Nothing();
}

public sealed class HomelessGrain(
    [PersistentState("x", "nowhere")] IPersistentState<Counter> counter) : Grain, IHomelessGrain
{
    public Task Nothing() => Task.FromResult(counter.State.Value);
}

public sealed class State
{
    [Fact]
    public async Task State_begins_new_and_outlasts_activations()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IStateGrain>("a");
        Assert.Equal(("nobody", false, null), await grain.Get());
        await grain.Set("alice");
        await grain.End();
        var (name, exists, etag) = await grain.Get();
        Assert.Equal(("alice", true), (name, exists));
        Assert.NotNull(etag);
        Assert.Equal("nobody", await grain.OtherName());
    }

    [Fact]
    public async Task What_is_not_written_is_lost_and_reading_brings_back_what_was()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IStateGrain>("a");
        await grain.Set("alice");
        await grain.ChangeOnly("bob");
        await grain.Reread();
        Assert.Equal("alice", (await grain.Get()).Name);
    }

    [Fact]
    public async Task Clearing_starts_from_a_new_state()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IStateGrain>("a");
        await grain.Set("alice");
        await grain.Clear();
        Assert.Equal(("nobody", false, null), await grain.Get());
        await grain.Set("bob");
        Assert.Equal("bob", (await grain.Get()).Name);
    }

    [Fact]
    public async Task Of_two_writes_at_once_one_is_refused()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IStateGrain>("a");
        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.SetTwiceAtOnce("first", "second"));
        Assert.Equal("first", (await grain.Get()).Name);
    }

    [Fact]
    public async Task A_grain_whose_state_is_out_of_date_is_told_and_reads_it_again_in_its_next_life()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IStateGrain>("a");
        await grain.Set("alice");
        var storage = host.Services.GetRequiredService<IGrainStorage>();
        var behindItsBack = new GrainState<Profile>();
        await storage.ReadStateAsync("profile", grain.GetGrainId(), behindItsBack);
        behindItsBack.State!.Name = "mallory";
        await storage.WriteStateAsync("profile", grain.GetGrainId(), behindItsBack);
        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.Set("bob"));
        Assert.Equal("mallory", (await grain.Get()).Name);
    }

    [Fact]
    public async Task A_grain_class_may_have_its_state_built_in()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<ICounterGrain>(1);
        Assert.Equal(1, await grain.Increment());
        await grain.End();
        Assert.Equal(2, await grain.Increment());
    }

    [Fact]
    public async Task A_storage_that_is_not_registered_is_named()
    {
        await using var host = await TestHost.StartAsync();
        var error = await Assert.ThrowsAnyAsync<Exception>(
            () => host.Grains.GetGrain<IHomelessGrain>("a").Nothing());
        Assert.Contains("\"nowhere\"", error.ToString(), StringComparison.Ordinal);
    }
}
