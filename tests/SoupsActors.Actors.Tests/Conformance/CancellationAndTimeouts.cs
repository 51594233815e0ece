using Orleans.Concurrency;
using Orleans.Configuration;

namespace SoupsActors.Actors.Tests.Conformance;

public interface ISlowGrain : IGrainWithStringKey
{
    Task Wait(string gate, CancellationToken cancellationToken = default);

    [ResponseTimeout("00:00:01")]
    Task WaitBriefly(string gate);

    Task WaitThrough(string other, string gate, CancellationToken cancellationToken);

    Task<bool> Ran(string gate);

    [OneWay]
    Task Tell(string gate);

    /// <summary>Waits, and then finds out where its token's callback ran.</summary>
    Task<bool> CallbackRunsInATurn(string gate, CancellationToken cancellationToken);

    Task CallBackInACircle(string other, string gate);

    Task CallMe(string caller, string gate);

    /// <summary>Goes past what waits; once it has, what was sent before it has arrived.</summary>
    [AlwaysInterleave]
    Task Pass();
}

public sealed class SlowGrain : Grain, ISlowGrain
{
    private readonly HashSet<string> ran = [];

    public async Task Wait(string gate, CancellationToken cancellationToken = default)
    {
        ran.Add(gate);
        try
        {
            await Gates.PassAsync(gate, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Gates.Signal(gate + " cancelled");
            throw;
        }
    }

    public Task WaitBriefly(string gate) => Wait(gate);

    public Task WaitThrough(string other, string gate, CancellationToken cancellationToken) =>
        GrainFactory.GetGrain<ISlowGrain>(other).Wait(gate, cancellationToken);

    public Task Pass() => Task.CompletedTask;

    public Task<bool> Ran(string gate) => Task.FromResult(ran.Contains(gate));

    public Task Tell(string gate) => Wait(gate);

    public async Task<bool> CallbackRunsInATurn(string gate, CancellationToken cancellationToken)
    {
        var home = TaskScheduler.Current;
        var inTurn = new TaskCompletionSource<bool>();
        await using var registration = cancellationToken.Register(
            () => inTurn.TrySetResult(TaskScheduler.Current == home));
        Gates.Signal(gate);
        if (await inTurn.Task)
            Gates.Signal(gate + " in a turn");
        return true;
    }

    public Task CallBackInACircle(string other, string gate) =>
        GrainFactory.GetGrain<ISlowGrain>(other).CallMe(this.GetPrimaryKeyString(), gate);

    public async Task CallMe(string caller, string gate)
    {
        var call = GrainFactory.GetGrain<ISlowGrain>(caller).Ran(gate);
        Gates.Signal(gate);
        await call;
    }
}

public sealed class CancellationAndTimeouts
{
    private readonly string id = Guid.NewGuid().ToString("N");

    [Fact]
    public async Task Cancelling_the_callers_token_cancels_the_callees_through_a_chain_of_calls()
    {
        await using var host = await TestHost.StartAsync();
        using var source = new CancellationTokenSource();
        var call = host.Grains.GetGrain<ISlowGrain>(id + "a").WaitThrough(id + "b", id, source.Token);
        await Gates.ArrivalAsync(id);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Gates.ArrivalAsync(id + " cancelled");
    }

    [Fact]
    public async Task A_call_cancelled_in_the_queue_does_not_run()
    {
        await using var host = await TestHost.StartAsync();
        using var source = new CancellationTokenSource();
        var grain = host.Grains.GetGrain<ISlowGrain>(id);
        var first = grain.Wait(id + "first", CancellationToken.None);
        await Gates.ArrivalAsync(id + "first");
        var second = grain.Wait(id + "second", source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);

        // Callers need not wait until the silo knows; the queue does.
        await grain.Pass();
        Gates.Open(id + "first");
        await first;
        Assert.False(await grain.Ran(id + "second"));
    }

    [Fact]
    public async Task A_call_with_a_cancelled_token_is_not_made()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<ISlowGrain>(id);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => grain.Wait(id, new CancellationToken(canceled: true)));
        Assert.False(await grain.Ran(id));
    }

    [Fact]
    public async Task What_is_registered_with_a_token_runs_in_a_turn()
    {
        await using var host = await TestHost.StartAsync();
        using var source = new CancellationTokenSource();
        var call = host.Grains.GetGrain<ISlowGrain>(id).CallbackRunsInATurn(id, source.Token);
        await Gates.ArrivalAsync(id);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Gates.ArrivalAsync(id + " in a turn");
    }

    [Fact]
    public async Task A_response_that_does_not_come_is_a_timeout()
    {
        await using var host = await TestHost.StartAsync(silo => silo.Configure<SiloMessagingOptions>(options =>
            options.ResponseTimeout = TimeSpan.FromSeconds(5)));
        var grain = host.Grains.GetGrain<ISlowGrain>(id);
        var usual = grain.Wait(id);
        var brief = host.Grains.GetGrain<ISlowGrain>(id + "brief").WaitBriefly(id + "brief");
        await Gates.ArrivalAsync(id);
        Assert.False(brief.IsCompleted);
        host.PassTimeouts(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<TimeoutException>(() => brief);
        Assert.False(usual.IsCompleted);
        host.PassTimeouts(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<TimeoutException>(() => usual);
        // The grain is still there and finishes what it began.
        Gates.Open(id);
        Gates.Open(id + "brief");
        Assert.True(await grain.Ran(id));
    }

    [Fact]
    public async Task A_call_that_timed_out_in_the_queue_does_not_run()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<ISlowGrain>(id);
        var first = grain.Wait(id + "first");
        await Gates.ArrivalAsync(id + "first");
        var second = grain.WaitBriefly(id + "second");
        host.PassTimeouts(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<TimeoutException>(() => second);
        Gates.Open(id + "first");
        await first;
        Assert.False(await grain.Ran(id + "second"));
    }

    [Fact]
    public async Task A_deadlock_ends_in_a_timeout()
    {
        await using var host = await TestHost.StartAsync(TestHost.ShortTimeouts);
        var call = host.Grains.GetGrain<ISlowGrain>(id + "a").CallBackInACircle(id + "b", id);
        await Gates.ArrivalAsync(id);
        host.PassTimeouts(TimeSpan.FromSeconds(4));
        await Assert.ThrowsAsync<TimeoutException>(() => call);
    }

    [Fact]
    public async Task A_one_way_call_does_not_wait()
    {
        await using var host = await TestHost.StartAsync();
        await host.Grains.GetGrain<ISlowGrain>(id).Tell(id);
        await Gates.ArrivalAsync(id);
        Gates.Open(id);
    }
}
