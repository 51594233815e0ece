using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Actors.Tests.Conformance;

namespace SoupsActors.Actors.Tests.Host;

public interface ISequenceGrain : IGrainWithStringKey
{
    Task Append(int sender, int number, bool yields, bool ends);

    Task<List<int>> Of(int sender);
}

/// <summary>Keeps what it is told beyond its activations, which end whenever a call says so.</summary>
public sealed class SequenceGrain : Grain, ISequenceGrain
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, List<(
        int Sender, int Number)>> All = new();

    private List<(int Sender, int Number)> Mine => All.GetOrAdd(this.GetPrimaryKeyString(), _ => []);

    public async Task Append(int sender, int number, bool yields, bool ends)
    {
        if (yields)
            await Task.Yield();
        Mine.Add((sender, number));
        if (ends)
            DeactivateOnIdle();
    }

    public Task<List<int>> Of(int sender) =>
        Task.FromResult(Mine.Where(entry => entry.Sender == sender).Select(entry => entry.Number).ToList());
}

/// <summary>A promise of the in-process host alone: in a cluster calls may overtake each other.</summary>
public sealed class OrderingTests
{
    [Fact]
    public async Task Calls_of_one_caller_run_in_the_order_they_were_made_whatever_happens_to_the_grain()
    {
        await using var host = await TestHost.StartAsync();
        var step =
            from yields in Gen.Elements(true, false)
            from ends in Gen.Frequency((1, Gen.Constant(true)), (9, Gen.Constant(false)))
            select (Yields: yields, Ends: ends);
        Prop.ForAll(step.ArrayOf().ArrayOf(3).ToArbitrary(), async senders =>
        {
            var grain = host.Grains.GetGrain<ISequenceGrain>(Guid.NewGuid().ToString());
            await Task.WhenAll(senders.Select((steps, sender) => Task.Run(() => Task.WhenAll(
                steps.Select((one, number) => grain.Append(sender, number, one.Yields, one.Ends))))));
            for (var sender = 0; sender < senders.Length; sender++)
                Assert.Equal(Enumerable.Range(0, senders[sender].Length), await grain.Of(sender));
        }).QuickCheckThrowOnFailure();
    }
}
