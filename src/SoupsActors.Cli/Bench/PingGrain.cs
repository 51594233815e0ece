using Orleans;

namespace SoupsActors.Cli.Bench;

/// <summary>The smallest grain: what a call costs by itself.</summary>
public interface IPingGrain : IGrainWithIntegerKey
{
    /// <summary>Answers with the number it was given.</summary>
    ValueTask<int> Ping(int number);

    /// <summary>Calls another grain some times, one call after the other.</summary>
    Task<int> PingOther(long other, int calls);
}

/// <inheritdoc cref="IPingGrain"/>
public sealed class PingGrain : Grain, IPingGrain
{
    /// <inheritdoc/>
    public ValueTask<int> Ping(int number) => ValueTask.FromResult(number);

    /// <inheritdoc/>
    public async Task<int> PingOther(long other, int calls)
    {
        var grain = GrainFactory.GetGrain<IPingGrain>(other);
        var sum = 0;
        for (var i = 0; i < calls; i++)
            sum += await grain.Ping(1);
        return sum;
    }
}
