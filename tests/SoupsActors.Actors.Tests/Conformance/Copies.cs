using Orleans.Concurrency;
using Orleans.Serialization;

namespace SoupsActors.Actors.Tests.Conformance;

[GenerateSerializer]
public sealed class Basket
{
    [Id(0)]
    public List<string> Items { get; set; } = [];

    [Id(1)]
    public Basket? Other { get; set; }
}

[GenerateSerializer]
[Immutable]
public sealed class Frozen
{
    [Id(0)]
    public List<string> Items { get; init; } = [];
}

public sealed class Unmarked
{
    public int Value { get; set; }
}

public interface ICopiesGrain : IGrainWithStringKey
{
    Task Keep(Basket basket);

    Task KeepShared([Immutable] Basket basket);

    Task<Basket> Kept();

    Task<int> ItemsKept();

    Task<bool> IsSame(Frozen frozen, Immutable<Basket> basket);

    Task Take(object value);

    Task<object> Give();
}

public sealed class CopiesGrain : Grain, ICopiesGrain
{
    /// <summary>What the test holds, to compare by reference within the process.</summary>
    public static Frozen? TheFrozen { get; set; }

    public static Basket? TheBasket { get; set; }

    private Basket kept = new();

    public Task Keep(Basket basket)
    {
        kept = basket;
        return Task.CompletedTask;
    }

    public Task KeepShared(Basket basket) => Keep(basket);

    public Task<Basket> Kept() => Task.FromResult(kept);

    public Task<int> ItemsKept() => Task.FromResult(kept.Items.Count);

    public Task<bool> IsSame(Frozen frozen, Immutable<Basket> basket) =>
        Task.FromResult(ReferenceEquals(frozen, TheFrozen) && ReferenceEquals(basket.Value, TheBasket));

    public Task Take(object value) => Task.CompletedTask;

    public Task<object> Give() => Task.FromResult<object>(new Unmarked());
}

public sealed class Copies
{
    [Fact]
    public async Task Arguments_are_copied_when_the_call_is_made()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<ICopiesGrain>("a");
        var basket = new Basket { Items = ["apple"] };
        basket.Other = basket;
        var call = grain.Keep(basket);
        basket.Items.Add("pear");
        await call;
        basket.Items.Add("plum");
        Assert.Equal(1, await grain.ItemsKept());
    }

    [Fact]
    public async Task Results_are_copied()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<ICopiesGrain>("a");
        await grain.Keep(new Basket { Items = ["apple"] });
        var mine = await grain.Kept();
        mine.Items.Add("pear");
        Assert.Equal(1, await grain.ItemsKept());
    }

    [Fact]
    public async Task What_is_marked_immutable_is_shared()
    {
        await using var host = await TestHost.StartAsync();
        CopiesGrain.TheFrozen = new Frozen { Items = ["ice"] };
        CopiesGrain.TheBasket = new Basket();
        var grain = host.Grains.GetGrain<ICopiesGrain>("a");
        Assert.True(await grain.IsSame(CopiesGrain.TheFrozen, CopiesGrain.TheBasket.AsImmutable()));
        var basket = new Basket { Items = ["apple"] };
        await grain.KeepShared(basket);
        basket.Items.Add("pear");
        Assert.Equal(2, await grain.ItemsKept());
    }

    [Fact]
    public async Task A_type_that_cannot_travel_is_refused_by_name()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<ICopiesGrain>("a");
        var argument = await Assert.ThrowsAsync<CodecNotFoundException>(async () => await grain.Take(new Unmarked()));
        Assert.Contains(nameof(Unmarked), argument.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<CodecNotFoundException>(async () => await grain.Give());
    }
}
