using System.Collections.Concurrent;
using System.Diagnostics;

namespace SoupsActors.Cluster.Tests.Load;

/// <summary>When requests were made and how they went, over the whole run.</summary>
internal sealed class RequestLog
{
    private readonly ConcurrentQueue<(string Kind, TimeSpan Start, TimeSpan End, string? Error)> requests = new();
    private readonly long start = Stopwatch.GetTimestamp();

    public TimeSpan Now => Stopwatch.GetElapsedTime(start);

    public IEnumerable<string> Errors => requests.Where(r => r.Error is not null).Select(r => $"{r.Kind}: {r.Error}");

    public int Count(string kind, bool failed = false) => requests.Count(r => r.Kind == kind && r.Error is not null == failed);

    /// <summary>Makes a request and notes it.</summary>
    /// <returns>Whether it went well; where not, it may have been carried out all the same.</returns>
    public async Task<bool> TryAsync(string kind, Func<Task> request)
    {
        var began = Now;
        string? error = null;
        try
        {
            await request();
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException or TaskCanceledException)
        {
            error = lost.Message;
        }

        requests.Enqueue((kind, began, Now, error));
        return error is null;
    }

    /// <summary>
    /// How long after a moment the last request began that failed or took longer than <paramref name="patience"/>; zero
    /// where none did, or where all were under way already. Requests belong to the moment before they ended.
    /// </summary>
    public TimeSpan Recovery(TimeSpan moment, TimeSpan next, TimeSpan patience) => requests
        .Where(r => r.End >= moment && r.End < next && (r.Error is not null || r.End - r.Start > patience))
        .Select(r => r.Start - moment)
        .Append(TimeSpan.Zero)
        .Max();
}
