using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;

namespace SoupsActors.Actors;

/// <summary>What <see cref="GrainBenchmark"/> measured.</summary>
/// <param name="HotGrainCallsPerSecond">Calls of one grain by several clients at once.</param>
/// <param name="ManyGrainsCallsPerSecond">Calls of many grains by several clients at once.</param>
/// <param name="GrainToGrainCallsPerSecond">Calls between pairs of grains, each pair one call at a time.</param>
/// <param name="BytesPerCall">Bytes allocated for a call of one of many grains, on all threads.</param>
/// <param name="BytesPerIdleActivation">Bytes that an idle grain with one field holds, its entry in the directory included.</param>
/// <param name="ActivationsPerSecond">First calls of grains.</param>
public sealed record GrainBenchmarkResult(
    double HotGrainCallsPerSecond,
    double ManyGrainsCallsPerSecond,
    double GrainToGrainCallsPerSecond,
    double BytesPerCall,
    double BytesPerIdleActivation,
    double ActivationsPerSecond);

/// <summary>Measures the in-process host: calls per second, and memory of idle grains.</summary>
public static class GrainBenchmark
{
    private const int Grains = 1000;
    private const int CallsInFlight = 64;

    /// <summary>Runs each measurement for about this long, after a warm-up of a quarter of it.</summary>
    /// <param name="duration">Time per measurement; at least 100 ms for meaningful numbers.</param>
    /// <param name="idleActivations">How many idle activations are weighed.</param>
    /// <param name="cancellationToken">Stops between measurements.</param>
    public static async Task<GrainBenchmarkResult> RunAsync(
        TimeSpan duration, int idleActivations = 100_000, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(idleActivations);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.UseOrleans(_ => { });
        using var host = builder.Build();
        await host.StartAsync(cancellationToken);
        var factory = host.Services.GetRequiredService<IGrainFactory>();
        var grains = Enumerable.Range(0, Grains).Select(i => factory.GetGrain<IBenchmarkGrain>(i)).ToArray();

        var hot = await MeasureAsync(duration, client => client.LoopAsync(grains[0]), cancellationToken);
        var many = await MeasureAsync(duration, client => client.LoopAsync(grains), cancellationToken);
        var pairs = await MeasureAsync(duration, client => client.PingAsync(grains), cancellationToken);
        var (bytes, perSecond) = await WeighAsync(factory, idleActivations);
        await host.StopAsync(cancellationToken);
        return new GrainBenchmarkResult(
            hot.CallsPerSecond, many.CallsPerSecond, pairs.CallsPerSecond, many.BytesPerCall, bytes, perSecond);
    }

    private static async Task<(double CallsPerSecond, double BytesPerCall)> MeasureAsync(
        TimeSpan duration, Func<Client, Task> loop, CancellationToken cancellationToken)
    {
        await RunClientsAsync(duration / 4, loop);
        cancellationToken.ThrowIfCancellationRequested();
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var (calls, seconds) = await RunClientsAsync(duration, loop);
        return (calls / seconds, (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)calls);
    }

    private static async Task<(long Calls, double Seconds)> RunClientsAsync(TimeSpan duration, Func<Client, Task> loop)
    {
        var watch = Stopwatch.StartNew();
        var clients = Enumerable.Range(0, CallsInFlight).Select(i => new Client(i, watch, duration)).ToArray();
        await Task.WhenAll(clients.Select(client => Task.Run(() => loop(client))));
        return (clients.Sum(client => client.Calls), watch.Elapsed.TotalSeconds);
    }

    private static async Task<(double BytesEach, double PerSecond)> WeighAsync(IGrainFactory factory, int count)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < count; i += Grains)
        {
            var first = Grains + i;
            await Task.WhenAll(Enumerable.Range(first, Math.Min(Grains, count - i)).Select(key => factory.GetGrain<IBenchmarkGrain>(key).Add(1)));
        }

        var seconds = watch.Elapsed.TotalSeconds;
        return ((GC.GetTotalMemory(forceFullCollection: true) - before) / (double)count, count / seconds);
    }

    /// <summary>One of the concurrent callers.</summary>
    private sealed class Client(int number, Stopwatch watch, TimeSpan duration)
    {
        private const int Slice = 100;

        public long Calls { get; private set; }

        private bool IsTimeLeft => watch.Elapsed < duration;

        public async Task LoopAsync(IBenchmarkGrain grain)
        {
            while (IsTimeLeft)
            {
                for (var i = 0; i < Slice; i++)
                    await grain.Add(1);
                Calls += Slice;
            }
        }

        public async Task LoopAsync(IBenchmarkGrain[] grains)
        {
            for (var next = number; IsTimeLeft; Calls += Slice)
            {
                for (var i = 0; i < Slice; i++)
                {
                    next = (next + CallsInFlight) % grains.Length;
                    await grains[next].Add(1);
                }
            }
        }

        public async Task PingAsync(IBenchmarkGrain[] grains)
        {
            var from = grains[number];
            var to = grains[number + CallsInFlight];
            while (IsTimeLeft)
                Calls += await from.Ping(to, Slice);
        }
    }
}

/// <summary>The grain that the benchmark calls.</summary>
internal interface IBenchmarkGrain : IGrainWithIntegerKey
{
    /// <summary>Adds to a sum.</summary>
    Task<long> Add(int number);

    /// <summary>Calls another grain a number of times, one after another; returns the number.</summary>
    Task<int> Ping(IBenchmarkGrain other, int times);
}

/// <summary>The grain that the benchmark calls.</summary>
internal sealed class BenchmarkGrain : Grain, IBenchmarkGrain
{
    private long sum;

    public Task<long> Add(int number) => Task.FromResult(sum += number);

    public async Task<int> Ping(IBenchmarkGrain other, int times)
    {
        for (var i = 0; i < times; i++)
            await other.Add(i);
        return times;
    }
}
