using System.Collections.Concurrent;

namespace SoupsActors.Actors.Tests.Conformance;

public interface IContextGrain : IGrainWithStringKey
{
    Task<string?> Get(string key);

    Task<string?> GetThrough(string other, string key);

    Task<string?> SetAndGet(string key, string value);

    /// <summary>Asks another grain to call back while this one waits for it.</summary>
    Task<string> AskAndBeAsked(string other, bool allow);

    Task<string> Ask(string other);

    Task<string> Answer();
}

public sealed class ContextGrain : Grain, IContextGrain
{
    public async Task<string?> Get(string key)
    {
        await Task.Yield();
        return RequestContext.Get(key) as string;
    }

    public Task<string?> GetThrough(string other, string key) => GrainFactory.GetGrain<IContextGrain>(other).Get(key);

    public async Task<string?> SetAndGet(string key, string value)
    {
        RequestContext.Set(key, value);
        return await GrainFactory.GetGrain<IContextGrain>(value).Get(key);
    }

    public async Task<string> AskAndBeAsked(string other, bool allow)
    {
        using var section = allow
            ? RequestContext.AllowCallChainReentrancy()
            : RequestContext.SuppressCallChainReentrancy();
        return await GrainFactory.GetGrain<IContextGrain>(other).Ask(this.GetPrimaryKeyString());
    }

    public async Task<string> Ask(string other)
    {
        var answer = GrainFactory.GetGrain<IContextGrain>(other).Answer();
        Gates.Signal($"{other} is asked");
        return await answer;
    }

    public Task<string> Answer() => Task.FromResult("answer");
}

public interface IFilteredGrain : IGrainWithStringKey
{
    Task<int> Double(int number);

    Task<int> Fail();
}

public sealed class FilteredGrain : Grain, IFilteredGrain, IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        await context.Invoke();
        if (context.Result is int number)
            context.Result = number + 1;
    }

    public Task<int> Double(int number) => Task.FromResult(2 * number);

    public Task<int> Fail() => throw new InvalidDataException("filtered");
}

public sealed class CallContext
{
    private readonly string id = Guid.NewGuid().ToString("N");

    [Fact]
    public async Task Values_flow_down_the_calls_but_not_back()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IContextGrain>("a");
        RequestContext.Set("user", "alice");
        Assert.Equal("alice", await grain.Get("user"));
        Assert.Equal("alice", await grain.GetThrough("b", "user"));
        Assert.Equal("bob", await grain.SetAndGet("user", "bob"));
        Assert.Equal("alice", RequestContext.Get("user"));
        RequestContext.Clear();
        Assert.Null(await grain.Get("user"));
    }

    [Fact]
    public async Task Values_of_one_call_do_not_leak_into_the_next()
    {
        await using var host = await TestHost.StartAsync();
        var grain = host.Grains.GetGrain<IContextGrain>("a");
        var calls = Enumerable.Range(0, 100).Select(async i =>
        {
            if (i % 2 == 0)
                RequestContext.Set("user", $"{i}");
            return (Sent: i % 2 == 0 ? $"{i}" : null, Seen: await grain.Get("user"));
        });
        Assert.All(await Task.WhenAll(calls), call => Assert.Equal(call.Sent, call.Seen));
    }

    [Fact]
    public async Task A_chain_of_calls_may_come_back_where_that_is_allowed()
    {
        await using var host = await TestHost.StartAsync();
        Assert.Equal(
            "answer", await host.Grains.GetGrain<IContextGrain>(id + "a").AskAndBeAsked(id + "b", allow: true));
    }

    [Fact]
    public async Task A_chain_of_calls_that_comes_back_times_out_where_that_is_not_allowed()
    {
        await using var host = await TestHost.StartAsync(TestHost.ShortTimeouts);
        var call = host.Grains.GetGrain<IContextGrain>(id + "a").AskAndBeAsked(id + "b", allow: false);
        await Gates.ArrivalAsync($"{id}a is asked");
        host.PassTimeouts(TimeSpan.FromSeconds(4));
        await Assert.ThrowsAsync<TimeoutException>(() => call);
    }

    [Fact]
    public async Task Filters_see_and_change_calls_where_they_are_made_and_where_they_arrive()
    {
        var seen = new ConcurrentQueue<string>();
        await using var host = await TestHost.StartAsync(silo => silo
            .AddIncomingGrainCallFilter(async context =>
            {
                if (context.InterfaceMethod.DeclaringType != typeof(IFilteredGrain))
                {
                    await context.Invoke();
                    return;
                }

                seen.Enqueue($"in {context.MethodName} {context.Request.GetArgument(0)} {context.ImplementationMethod.DeclaringType!.Name}");
                await context.Invoke();
                context.Result = (int)context.Result! * 10;
            })
            .AddOutgoingGrainCallFilter(async context =>
            {
                if (context.InterfaceMethod.DeclaringType == typeof(IFilteredGrain))
                    context.Request.SetArgument(0, 4);
                await context.Invoke();
            }));
        Assert.Equal(90, await host.Grains.GetGrain<IFilteredGrain>("a").Double(1));
        Assert.Equal(["in Double 4 FilteredGrain"], seen);
    }

    [Fact]
    public async Task Filters_see_exceptions_and_may_replace_them()
    {
        await using var host = await TestHost.StartAsync(silo => silo.AddIncomingGrainCallFilter(async context =>
        {
            try
            {
                await context.Invoke();
            }
            catch (InvalidDataException)
            {
                context.Result = -1;
            }
        }));
        Assert.Equal(-1, await host.Grains.GetGrain<IFilteredGrain>("a").Fail());
    }
}
