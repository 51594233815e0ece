using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Hosting;

namespace SoupsActors.Cli.Bench;

/// <summary>One figure about grains.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Its unit.</param>
internal sealed record GrainFigure(string Name, double Value, string Unit);

/// <summary>Measures grain calls and idle activations in a host of its own, over the public grain interface alone.</summary>
internal static class GrainTiming
{
    private const int Callers = 64;
    private const int IdleGrains = 100_000;

    public static async IAsyncEnumerable<GrainFigure> RunAsync(
        int calls, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo.UseLocalhostClustering());
        using var host = builder.Build();
        await host.StartAsync(cancellation);
        var grains = host.Services.GetRequiredService<IGrainFactory>();

        yield return await RateAsync("one grain, many callers", calls, _ => 0, grains);
        yield return await RateAsync("a grain per caller", calls, caller => caller, grains);
        yield return await ChainAsync(calls, grains);
        yield return await IdleAsync(grains);
        await host.StopAsync(CancellationToken.None);
    }

    private static async Task<GrainFigure> RateAsync(string name, int calls, Func<int, long> key, IGrainFactory grains)
    {
        await CallAsync(calls / 10);
        var start = TimeProvider.System.GetTimestamp();
        await CallAsync(calls);
        return new GrainFigure(name, calls / TimeProvider.System.GetElapsedTime(start).TotalSeconds, "calls/s");

        Task CallAsync(int count) => Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var grain = grains.GetGrain<IPingGrain>(key(caller));
            for (var i = 0; i < count / Callers; i++)
                await grain.Ping(i);
        })));
    }

    private static async Task<GrainFigure> ChainAsync(int calls, IGrainFactory grains)
    {
        var start = TimeProvider.System.GetTimestamp();
        var sums = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller =>
            grains.GetGrain<IPingGrain>(1000 + caller).PingOther(2000 + caller, calls / Callers)));
        return new GrainFigure(
            "grain to grain", sums.Sum() / TimeProvider.System.GetElapsedTime(start).TotalSeconds, "calls/s");
    }

    private static async Task<GrainFigure> IdleAsync(IGrainFactory grains)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < IdleGrains; i++)
            await grains.GetGrain<IPingGrain>(1_000_000 + i).Ping(i);
        return new GrainFigure(
            $"{IdleGrains} idle grains", (GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6, "MB");
    }
}
