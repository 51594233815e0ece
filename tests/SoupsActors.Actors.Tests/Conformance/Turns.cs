using Orleans.Concurrency;
using Orleans.Serialization.Invocation;

namespace SoupsActors.Actors.Tests.Conformance;

public interface ITurnsGrain : IGrainWithStringKey
{
    /// <summary>
    /// Adds the name to the journal, waits at the gate of that name, and adds it again with an exclamation mark.
    /// </summary>
    Task Visit(string name);

    [ReadOnly]
    Task Look(string name);

    [AlwaysInterleave]
    Task Peek(string name);

    [AlwaysInterleave]
    Task<List<string>> Journal();

    /// <summary>Counts up without atomic operations, with awaits in between.</summary>
    Task Count(int times);

    Task<int> Counted();

    /// <summary>Whether code after various awaits still runs on the scheduler it began on.</summary>
    Task<bool> StaysHome();
}

public abstract class TurnsBase : Grain
{
    private readonly List<string> journal = [];
    private int counted;

    public async Task Visit(string name)
    {
        journal.Add(name);
        await Gates.PassAsync(name);
        journal.Add(name + "!");
    }

    public Task Look(string name) => Visit(name);

    public Task Peek(string name) => Visit(name);

    public Task<List<string>> Journal() => Task.FromResult(journal);

    public async Task Count(int times)
    {
        for (var i = 0; i < times; i++)
        {
            var before = counted;
            await Task.Yield();
            counted = before + 1;
        }
    }

    public Task<int> Counted() => Task.FromResult(counted);

    public async Task<bool> StaysHome()
    {
        var home = TaskScheduler.Current;
        await Task.Yield();
        var yielded = TaskScheduler.Current;
        await Task.Run(() => Thread.Yield());
        var cameBack = TaskScheduler.Current;
        var away = await Task.Run(() => TaskScheduler.Current);
        var started = await Task.Factory.StartNew(
            () => TaskScheduler.Current, CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Current);
        return home != TaskScheduler.Default && yielded == home && cameBack == home && started == home
            && away == TaskScheduler.Default;
    }
}

public sealed class TurnsGrain : TurnsBase, ITurnsGrain;

public interface IReentrantGrain : ITurnsGrain;

[Reentrant]
public sealed class ReentrantGrain : TurnsBase, IReentrantGrain
{
    private int inTurn;

    /// <summary>Fails if two turns ever run at once.</summary>
    public new async Task Count(int times)
    {
        for (var i = 0; i < times; i++)
        {
            if (Interlocked.Increment(ref inTurn) != 1)
                throw new InvalidOperationException("Two turns at once.");
            Thread.SpinWait(20);
            Interlocked.Decrement(ref inTurn);
            await Task.Yield();
        }
    }
}

public interface IPredicateGrain : ITurnsGrain;

[MayInterleave(nameof(MayInterleave))]
public sealed class PredicateGrain : TurnsBase, IPredicateGrain
{
    public static bool MayInterleave(IInvokable request) =>
        request.GetMethodName() == nameof(ITurnsGrain.Visit)
            && ((string)request.GetArgument(0)!).EndsWith("-free", StringComparison.Ordinal);
}

public sealed class Turns
{
    private readonly string id = Guid.NewGuid().ToString("N");

    [Fact]
    public async Task Calls_run_one_after_another_in_order_of_arrival()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<ITurnsGrain>("a");
        await grain.Counted();
        var first = grain.Visit(Gate("first"));
        var second = grain.Visit(Gate("second"));
        var third = grain.Visit(Gate("third"));
        Gates.Open(Gate("third"));
        Gates.Open(Gate("second"));
        await Gates.ArrivalAsync(Gate("first"));
        Assert.Equal([Gate("first")], await grain.Journal());
        Gates.Open(Gate("first"));
        await Task.WhenAll(first, second, third);
        Assert.Equal(
            ["first", "first!", "second", "second!", "third", "third!"], (
                await grain.Journal()).Select(name => name[id.Length..]));
    }

    [Fact]
    public async Task Grains_run_beside_each_other()
    {
        await using var host = await TestHost.StartAsync();
        var blocked = host.Grains.GetGrain<ITurnsGrain>("a").Visit(Gate("a"));
        await Gates.ArrivalAsync(Gate("a"));
        Assert.Equal(0, await host.Grains.GetGrain<ITurnsGrain>("b").Counted());
        Gates.Open(Gate("a"));
        await blocked;
    }

    [Fact]
    public async Task Awaits_of_one_call_never_interleave_with_another_call()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<ITurnsGrain>("a");
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => grain.Count(20)));
        Assert.Equal(1000, await grain.Counted());
    }

    [Fact]
    public async Task Turns_of_a_reentrant_grain_never_run_at_once()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IReentrantGrain>("a");
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => grain.Count(50))));
    }

    [Fact]
    public async Task Code_after_an_await_is_back_on_the_grains_scheduler()
    {
        await using var host = await TestHost.StartAsync();
        Assert.True(await host.Grains.GetGrain<ITurnsGrain>("a").StaysHome());
    }

    [Fact]
    public async Task Calls_of_a_reentrant_class_interleave()
    {
        await using var host = await TestHost.StartAsync();
        await AssertInterleaves(host.Grains.GetGrain<IReentrantGrain>("a"), (grain, name) => grain.Visit(name));
    }

    [Fact]
    public async Task Always_interleaving_methods_interleave_with_everything()
    {
        await using var host = await TestHost.StartAsync();
        await AssertInterleaves(host.Grains.GetGrain<ITurnsGrain>("a"), (grain, name) => grain.Peek(name));
    }

    [Fact]
    public async Task Read_only_methods_interleave_with_each_other_and_not_with_others()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<ITurnsGrain>("a");
        var one = grain.Look(Gate("one"));
        await Gates.ArrivalAsync(Gate("one"));
        var two = grain.Look(Gate("two"));
        await Gates.ArrivalAsync(Gate("two"));
        var writer = grain.Visit(Gate("writer"));
        Gates.Open(Gate("two"));
        await two;
        Assert.DoesNotContain(Gate("writer"), await grain.Journal());
        Gates.Open(Gate("one"));
        await one;
        await Gates.ArrivalAsync(Gate("writer"));
        var late = grain.Look(Gate("late"));
        Assert.DoesNotContain(Gate("late"), await grain.Journal());
        Gates.Open(Gate("writer"));
        Gates.Open(Gate("late"));
        await Task.WhenAll(writer, late);
    }

    [Fact]
    public async Task A_predicate_decides_which_calls_interleave()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IPredicateGrain>("a");
        var blocked = grain.Visit(Gate("blocked"));
        await Gates.ArrivalAsync(Gate("blocked"));
        var waits = grain.Visit(Gate("waits"));
        var free = grain.Visit(Gate("x-free"));
        await Gates.ArrivalAsync(Gate("x-free"));
        Assert.DoesNotContain(Gate("waits"), await grain.Journal());
        foreach (var name in new[] { "blocked", "waits", "x-free" })
            Gates.Open(Gate(name));
        await Task.WhenAll(blocked, waits, free);
    }

    private async Task AssertInterleaves(ITurnsGrain grain, Func<ITurnsGrain, string, Task> visit)
    {
        var blocked = grain.Visit(Gate("blocked"));
        await Gates.ArrivalAsync(Gate("blocked"));
        Gates.Open(Gate("quick"));
        await visit(grain, Gate("quick"));
        Assert.False(blocked.IsCompleted);
        Gates.Open(Gate("blocked"));
        await blocked;
    }

    private string Gate(string name) => id + name;
}
