using System.Runtime.CompilerServices;

namespace SoupsActors.Actors.Tests.Conformance;

public interface IEchoGrain : IGrainWithStringKey
{
    Task<string> Echo(string text);

    Task Nothing();

    ValueTask<int> Add(int a, long b, CancellationToken cancellationToken = default);

    ValueTask NothingFast();

    Task<string> Key();

    Task Throw(string message);

    Task<int> ThrowAtOnce();

    IAsyncEnumerable<int> Count(int to, CancellationToken cancellationToken = default);

    Task<IEchoGrain> Self();
}

public sealed class EchoGrain : Grain, IEchoGrain
{
    public Task<string> Echo(string text) => Task.FromResult(text);

    public Task Nothing() => Task.CompletedTask;

    public ValueTask<int> Add(int a, long b, CancellationToken cancellationToken = default) => new(a + (int)b);

    public ValueTask NothingFast() => ValueTask.CompletedTask;

    public Task<string> Key() => Task.FromResult(this.GetPrimaryKeyString());

    public async Task Throw(string message)
    {
        await Task.Yield();
        throw new InvalidDataException(message);
    }

    public Task<int> ThrowAtOnce() => throw new NotSupportedException("at once");

    public async IAsyncEnumerable<int> Count(
        int to, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var i = 0; i < to; i++)
        {
            await Task.Yield();
            yield return i;
        }
    }

    public Task<IEchoGrain> Self() => Task.FromResult(this.AsReference<IEchoGrain>());
}

public interface IIntegerGrain : IGrainWithIntegerKey
{
    Task<long> Key();
}

public interface IGuidGrain : IGrainWithGuidKey
{
    Task<Guid> Key();
}

public interface ICompoundGrain : IGrainWithIntegerCompoundKey
{
    Task<(long, string?)> Key();
}

public interface IGuidCompoundGrain : IGrainWithGuidCompoundKey
{
    Task<(Guid, string?)> Key();
}

public sealed class KeysGrain : Grain, IIntegerGrain, IGuidGrain, ICompoundGrain, IGuidCompoundGrain
{
    Task<long> IIntegerGrain.Key() => Task.FromResult(this.GetPrimaryKeyLong());

    Task<Guid> IGuidGrain.Key() => Task.FromResult(this.GetPrimaryKey());

    Task<(long, string?)> ICompoundGrain.Key() =>
        Task.FromResult((this.GetPrimaryKeyLong(out var extension), extension));

    Task<(Guid, string?)> IGuidCompoundGrain.Key() =>
        Task.FromResult((this.GetPrimaryKey(out var extension), extension));
}

/// <summary>A grain that has no base class.</summary>
public interface IPlainGrain : IGrainWithStringKey
{
    Task<string> Id();
}

public sealed class PlainGrain(IGrainContext context) : IGrainBase, IPlainGrain
{
    public IGrainContext GrainContext { get; } = context;

    public Task<string> Id() => Task.FromResult(GrainContext.GrainId.ToString());
}

public sealed class Basics
{
    [Fact]
    public async Task Calls_return_results_of_every_shape()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IEchoGrain>("a");
        Assert.Equal("hello", await grain.Echo("hello"));
        await grain.Nothing();
        await grain.NothingFast();
        Assert.Equal(5, await grain.Add(2, 3L));
        Assert.Equal(
            Enumerable.Range(0, 250), await grain.Count(250).ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Keys_of_every_kind_arrive_as_given()
    {
        await using var host = await TestHost.StartAsync();
        var guid = Guid.NewGuid();
        Assert.Equal("käse/9+x", await host.Grains.GetGrain<IEchoGrain>("käse/9+x").Key());
        Assert.Equal(long.MinValue, await host.Grains.GetGrain<IIntegerGrain>(long.MinValue).Key());
        Assert.Equal(-1, await host.Grains.GetGrain<IIntegerGrain>(-1).Key());
        Assert.Equal(guid, await host.Grains.GetGrain<IGuidGrain>(guid).Key());
        Assert.Equal((7, "x+y"), await host.Grains.GetGrain<ICompoundGrain>(7, "x+y", null).Key());
        Assert.Equal((guid, "ext"), await host.Grains.GetGrain<IGuidCompoundGrain>(guid, "ext", null).Key());
    }

    [Fact]
    public async Task Grains_need_no_base_class()
    {
        await using var host = await TestHost.StartAsync();
        Assert.Equal("plain/p", await host.Grains.GetGrain<IPlainGrain>("p").Id());
    }

    [Fact]
    public async Task Exceptions_arrive_as_thrown_with_their_stack()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IEchoGrain>("a");
        var later = await Assert.ThrowsAsync<InvalidDataException>(() => grain.Throw("broken"));
        Assert.Equal("broken", later.Message);
        Assert.Contains($"{nameof(EchoGrain)}.{nameof(EchoGrain.Throw)}", later.StackTrace, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NotSupportedException>(() => grain.ThrowAtOnce());
        Assert.Equal("still here", await grain.Echo("still here"));
    }

    [Fact]
    public async Task References_travel_and_compare_by_grain()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IEchoGrain>("a");
        var self = await grain.Self();
        Assert.Equal(grain, self);
        Assert.NotEqual(grain, host.Grains.GetGrain<IEchoGrain>("b"));
        Assert.Equal("a", await self.Key());
        Assert.Equal(GrainId.Create("echo", "a"), self.GetGrainId());
        Assert.Equal("a", await host.Grains.GetGrain<IEchoGrain>(GrainId.Parse("echo/a")).Key());
    }

    [Fact]
    public async Task Empty_keys_are_refused()
    {
        await using var host = await TestHost.StartAsync();
        Assert.ThrowsAny<ArgumentException>(() => host.Grains.GetGrain<IEchoGrain>(" "));
    }
}
