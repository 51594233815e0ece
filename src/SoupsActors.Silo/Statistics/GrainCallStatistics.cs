using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using SoupsActors.Cluster;

namespace SoupsActors.Silo.Statistics;

/// <summary>Counts and times the calls of each grain method where they arrive.</summary>
internal sealed class GrainCallStatistics : IIncomingGrainCallFilter
{
    // Far more than there are methods; keeps the table bounded whatever is deployed.
    private const int MostMethods = 1000;
    private const int Told = 100;

    private readonly ConcurrentDictionary<MethodInfo, Entry> methods = new();

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (Find(context.InterfaceMethod) is not { } entry)
        {
            await context.Invoke();
            return;
        }

        var start = Stopwatch.GetTimestamp();
        try
        {
            await context.Invoke();
            entry.Count(Stopwatch.GetElapsedTime(start), isFailure: false);
        }
        catch (Exception error)
        {
            entry.Count(Stopwatch.GetElapsedTime(start), IsFailure(error));
            throw;
        }
    }

    /// <summary>The methods that were called most, those that fail most, and the slowest.</summary>
    public MethodStatistics[] Read()
    {
        var all = methods.Values.Select(entry => entry.Read()).ToArray();
        return
        [
            .. all.OrderByDescending(m => m.Calls).Take(Told)
                .Union(all.Where(m => m.Failures > 0).OrderByDescending(m => m.Failures).Take(Told))
                .Union(all.OrderByDescending(m => m.MeanSeconds).Take(Told))
                .OrderByDescending(m => m.Calls),
        ];
    }

    // A refusal is an answer, and a caller who went away has not been failed.
    private static bool IsFailure(Exception error) =>
        error is not OperationCanceledException and not SoupsException { Error: not SoupsError.Busy };

    private Entry? Find(MethodInfo method)
    {
        if (methods.TryGetValue(method, out var known))
            return known;
        // Watching is not to fill the table that is watched.
        return method.DeclaringType == typeof(IClusterGrain) || methods.Count >= MostMethods
            ? null
            : methods.GetOrAdd(method, static m => new Entry(m));
    }

    private sealed class Entry(MethodInfo method)
    {
        private readonly Lock gate = new();
        private long calls;
        private long failures;
        private long ticks;
        private long longest;

        public void Count(TimeSpan time, bool isFailure)
        {
            lock (gate)
            {
                calls++;
                failures += isFailure ? 1 : 0;
                ticks += time.Ticks;
                longest = Math.Max(longest, time.Ticks);
            }
        }

        public MethodStatistics Read()
        {
            lock (gate)
            {
                return new MethodStatistics(
                    method.DeclaringType?.Name ?? "",
                    method.Name,
                    calls,
                    failures,
                    calls == 0 ? 0 : TimeSpan.FromTicks(ticks).TotalSeconds / calls,
                    TimeSpan.FromTicks(longest).TotalSeconds);
            }
        }
    }
}
