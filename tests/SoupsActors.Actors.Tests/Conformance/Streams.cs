using System.Runtime.CompilerServices;

namespace SoupsActors.Actors.Tests.Conformance;

public interface IStreamGrain : IGrainWithStringKey
{
    IAsyncEnumerable<int> Count(int to);

    IAsyncEnumerable<int> Gated(string gate, CancellationToken cancellationToken = default);

    IAsyncEnumerable<Basket> Baskets();

    IAsyncEnumerable<int> Failing();

    Task<int> InBetween();

    Task End();

    IAsyncEnumerable<int> Through(string other, int to);
}

public sealed class StreamGrain : Grain, IStreamGrain
{
    private readonly Basket basket = new() { Items = ["apple"] };

    public async IAsyncEnumerable<int> Count(int to)
    {
        for (var i = 0; i < to; i++)
        {
            if (i % 7 == 0)
                await Task.Yield();
            yield return i;
        }
    }

    public async IAsyncEnumerable<int> Gated(
        string gate, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            yield return 1;
            await Gates.PassAsync(gate, cancellationToken);
            yield return 2;
        }
        finally
        {
            Gates.Signal(gate + " ended");
        }
    }

    public async IAsyncEnumerable<Basket> Baskets()
    {
        await Task.CompletedTask;
        yield return basket;
        basket.Items.Add("pear");
        yield return basket;
    }

    public async IAsyncEnumerable<int> Failing()
    {
        yield return 1;
        await Task.Yield();
        throw new InvalidDataException("in the middle");
    }

    public Task<int> InBetween() => Task.FromResult(basket.Items.Count);

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<int> Through(string other, int to)
    {
        await foreach (var i in GrainFactory.GetGrain<IStreamGrain>(other).Count(to))
            yield return i;
    }
}

public sealed class Streams
{
    private readonly string id = Guid.NewGuid().ToString("N");

    [Theory]
    [InlineData(0, 100)]
    [InlineData(1, 1)]
    [InlineData(1000, 1)]
    [InlineData(1000, 64)]
    public async Task Elements_arrive_in_order_whatever_the_batch_size(int count, int batch)
    {
        await using var host = await TestHost.StartAsync();
        var stream = host.Grains.GetGrain<IStreamGrain>(id).Count(count).WithBatchSize(batch);
        Assert.Equal(Enumerable.Range(0, count), await stream.ToListAsync(TestContext.Current.CancellationToken));
        Assert.Equal(Enumerable.Range(0, count), await stream.ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Streams_go_through_grains()
    {
        await using var host = await TestHost.StartAsync();
        var stream = host.Grains.GetGrain<IStreamGrain>(id).Through(id + "other", 300);
        Assert.Equal(Enumerable.Range(0, 300), await stream.ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_stream_that_waits_does_not_hold_up_the_grain()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IStreamGrain>(id);
        await using var stream = grain.Gated(
            id, CancellationToken.None).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await stream.MoveNextAsync());
        Assert.Equal(1, stream.Current);
        var next = stream.MoveNextAsync();
        await Gates.ArrivalAsync(id);
        Assert.Equal(1, await grain.InBetween());
        Gates.Open(id);
        Assert.True(await next);
        Assert.Equal(2, stream.Current);
        Assert.False(await stream.MoveNextAsync());
    }

    [Fact]
    public async Task Elements_are_copied()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IStreamGrain>(id);
        var baskets = await grain.Baskets().WithBatchSize(1).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal([1, 2], baskets.Select(basket => basket.Items.Count));
        baskets[0].Items.Clear();
        Assert.Equal(2, await grain.InBetween());
    }

    [Fact]
    public async Task An_exception_comes_after_the_elements_before_it()
    {
        await using var host = await TestHost.StartAsync();
        await using var stream = host.Grains.GetGrain<IStreamGrain>(id).Failing()
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await stream.MoveNextAsync());
        await Assert.ThrowsAsync<InvalidDataException>(async () => await stream.MoveNextAsync());
    }

    [Fact]
    public async Task Leaving_early_runs_the_iterators_finally()
    {
        await using var host = await TestHost.StartAsync();
        await foreach (var _ in host.Grains.GetGrain<IStreamGrain>(id).Gated(id, CancellationToken.None))
            break;
        Assert.True(Gates.HasArrived(id + " ended"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancelling_reaches_the_grain(bool asArgument)
    {
        await using var host = await TestHost.StartAsync();
        using var source = new CancellationTokenSource();
        var stream = host.Grains.GetGrain<IStreamGrain>(id).Gated(
            id, asArgument ? source.Token : CancellationToken.None);
        var reading = Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in stream.WithCancellation(asArgument ? CancellationToken.None : source.Token))
                Gates.Signal(id + " read");
        });
        await Gates.ArrivalAsync(id);
        await source.CancelAsync();
        await reading;
        await Gates.ArrivalAsync(id + " ended");
    }

    [Fact]
    public async Task A_grain_that_ends_aborts_the_streams_it_had_begun()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IStreamGrain>(id);
        await using var stream = grain.Gated(id, CancellationToken.None).WithBatchSize(1)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await stream.MoveNextAsync());
        await grain.End();
        await grain.InBetween();
        await Assert.ThrowsAsync<EnumerationAbortedException>(async () => await stream.MoveNextAsync());
        await Gates.ArrivalAsync(id + " ended");
    }

    [Fact]
    public async Task Stopping_ends_streams_that_wait()
    {
        await using var host = await TestHost.StartAsync();
        await using var stream = host.Grains.GetGrain<IStreamGrain>(id).Gated(id, CancellationToken.None)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await stream.MoveNextAsync());
        var next = stream.MoveNextAsync();
        await Gates.ArrivalAsync(id);
        await host.StopAsync();
        await Assert.ThrowsAnyAsync<Exception>(async () => await next);
    }
}
