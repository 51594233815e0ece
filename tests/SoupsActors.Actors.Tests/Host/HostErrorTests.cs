using Orleans.Concurrency;
using SoupsActors.Actors.Tests.Conformance;

namespace SoupsActors.Actors.Tests.Host;

public interface INobodysGrain : IGrainWithStringKey
{
    Task Nothing();
}

public interface IAmbiguousGrain : IGrainWithStringKey
{
    Task<string> Name();
}

public sealed class FirstChoiceGrain : Grain, IAmbiguousGrain
{
    public Task<string> Name() => Task.FromResult("first");
}

public sealed class SecondChoiceGrain : Grain, IAmbiguousGrain
{
    public Task<string> Name() => Task.FromResult("second");
}

public interface IPropertyGrain : IGrainWithStringKey
{
    int Number { get; }
}

public sealed class PropertyGrain : Grain, IPropertyGrain
{
    public int Number => 1;
}

public interface IBrokenPredicateGrain : IGrainWithStringKey
{
    Task Visit(string gate);
}

[MayInterleave(nameof(MayInterleave))]
public sealed class BrokenPredicateGrain : Grain, IBrokenPredicateGrain
{
    public static bool MayInterleave(Orleans.Serialization.Invocation.IInvokable request) =>
        throw new InvalidDataException("predicate");

    public Task Visit(string gate) => Gates.PassAsync(gate);
}

public sealed class HostErrorTests
{
    private readonly string id = Guid.NewGuid().ToString("N");

    [Fact]
    public async Task An_interface_without_a_class_is_named()
    {
        await using var host = await TestHost.StartAsync();
        var error = Assert.Throws<ArgumentException>(() => host.Grains.GetGrain<INobodysGrain>("a"));
        Assert.Contains(nameof(INobodysGrain), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interface_with_several_classes_needs_a_prefix()
    {
        await using var host = await TestHost.StartAsync();
        var error = Assert.Throws<ArgumentException>(() => host.Grains.GetGrain<IAmbiguousGrain>("a"));
        Assert.Contains(nameof(FirstChoiceGrain), error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(SecondChoiceGrain), error.Message, StringComparison.Ordinal);
        var second = host.Grains.GetGrain<IAmbiguousGrain>("a", typeof(SecondChoiceGrain).FullName);
        Assert.Equal("second", await second.Name());
    }

    [Fact]
    public async Task A_method_that_cannot_be_called_is_named()
    {
        await using var host = await TestHost.StartAsync();
        var error = Assert.Throws<NotSupportedException>(() => host.Grains.GetGrain<IPropertyGrain>("a"));
        Assert.Contains("properties", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_grain_type_fails_the_call()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IEchoGrain>(GrainId.Create("no-such-type", "a"));
        var error = await Assert.ThrowsAsync<ArgumentException>(() => grain.Nothing());
        Assert.Contains("no-such-type", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_predicate_that_throws_fails_its_call_alone()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IBrokenPredicateGrain>(id);
        var first = grain.Visit(id);
        await Gates.ArrivalAsync(id);
        await Assert.ThrowsAsync<InvalidDataException>(() => grain.Visit(id));
        Gates.Open(id);
        await first;
    }

    [Fact]
    public async Task A_deadlock_is_shown_as_a_chain_of_calls()
    {
        await using var host = await TestHost.StartAsync();
        var call = host.Grains.GetGrain<ISlowGrain>(id + "a").CallBackInACircle(id + "b", id);
        await Gates.ArrivalAsync(id);
        host.Time.Advance(TimeSpan.FromSeconds(40));
        var error = await Assert.ThrowsAsync<TimeoutException>(() => call);
        Assert.Contains(
            $"slow/{id}a.CallBackInACircle → slow/{id}b.CallMe → slow/{id}a.Ran", error.Message,
            StringComparison.Ordinal);
        Assert.Contains($"slow/{id}a waits for itself", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_call_that_is_no_deadlock_is_said_to_be_running()
    {
        await using var host = await TestHost.StartAsync();
        var call = host.Grains.GetGrain<ISlowGrain>(id).Wait(id);
        await Gates.ArrivalAsync(id);
        host.Time.Advance(TimeSpan.FromSeconds(40));
        var error = await Assert.ThrowsAsync<TimeoutException>(() => call);
        Assert.Contains("is still running", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("waits for itself", error.Message, StringComparison.Ordinal);
        Gates.Open(id);
    }

    [Fact]
    public async Task Calls_after_the_end_are_refused()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IEchoGrain>("a");
        await grain.Nothing();
        await host.StopAsync();
        await Assert.ThrowsAsync<SiloUnavailableException>(() => grain.Nothing());
    }
}
