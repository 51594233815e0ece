using System.Collections.Concurrent;
using System.Globalization;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using SoupsActors.Actors.Copying;

namespace SoupsActors.Actors;

/// <summary>Keeps states in memory, as copies.</summary>
internal sealed class MemoryGrainStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<(string StateName, GrainId GrainId), Entry> entries = new();
    private long versions;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (entries.TryGetValue((stateName, grainId), out var entry))
        {
            grainState.State = Copier<T>.Copy((T)entry.State!);
            grainState.ETag = entry.ETag;
            grainState.RecordExists = true;
        }
        else
        {
            SetMissing(grainState);
        }

        return Task.CompletedTask;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = (stateName, grainId);
        var expected = grainState.ETag;
        var entry = new Entry(
            Copier<T>.Copy(
                grainState.State!), Interlocked.Increment(ref versions).ToString(CultureInfo.InvariantCulture));

        // A storage that is always done at once would hide from a grain's author that others are not.
        await Task.Yield();
        var written = entries.TryGetValue(key, out var stored)
            ? stored.ETag == expected && entries.TryUpdate(key, entry, stored)
            : expected is null && entries.TryAdd(key, entry);
        if (!written)
            throw Conflict("written", key, expected);
        grainState.ETag = entry.ETag;
        grainState.RecordExists = true;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = (stateName, grainId);
        var cleared = entries.TryGetValue(key, out var stored)
            ? stored.ETag == grainState.ETag && entries.TryRemove(KeyValuePair.Create(key, stored))
            : grainState.ETag is null;
        if (!cleared)
            throw Conflict("cleared", key, grainState.ETag);
        SetMissing(grainState);
        return Task.CompletedTask;
    }

    private static void SetMissing<T>(IGrainState<T> grainState)
    {
        grainState.State = StateFactory<T>.Create();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private InconsistentStateException Conflict(string what, (string StateName, GrainId GrainId) key, string? etag)
    {
        var stored = entries.GetValueOrDefault(key)?.ETag;
        return new InconsistentStateException(
            $"State {key.StateName} of {key.GrainId} could not be {what}: version {stored ?? "none"} is stored, "
            + $"but the writer had read version {etag ?? "none"}.", stored, etag);
    }

    private sealed record Entry(object? State, string ETag);
}
