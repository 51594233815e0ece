using Orleans.Runtime;
using Orleans.Storage;

namespace SoupsActors.Grains.State;

/// <summary>
/// State of a reentrant grain: <see cref="Value"/> is what storage has acknowledged, never a write still under way, and
/// writes go one after the other although calls interleave.
/// </summary>
internal sealed class DurableState<T>(IPersistentState<T> storage)
    where T : class, new()
{
    private Task lastWrite = Task.CompletedTask;
    private T? committed;

    /// <summary>The state that storage has acknowledged.</summary>
    public T Value => committed ?? storage.State;

    /// <summary>
    /// Stores what <paramref name="change"/> makes of the state; null or the same object is no write.
    /// </summary>
    public Task<T> UpdateAsync(Func<T, T?> change) => InTurnAsync(async () =>
    {
        var before = Value;
        var next = change(before);
        if (next is null || ReferenceEquals(next, before))
            return before;
        committed = before;
        storage.State = next;
        await CommitAsync(before, storage.WriteStateAsync);
        return committed = next;
    });

    /// <summary>Deletes the state.</summary>
    public Task ClearAsync() => InTurnAsync(async () =>
    {
        if (storage.RecordExists)
            await CommitAsync(Value, storage.ClearStateAsync);
        return committed = new T();
    });

    // A grain runs on one thread at a time, so that a chain of tasks is all the locking there is to do.
    private async Task<T> InTurnAsync(Func<Task<T>> write)
    {
        var earlier = lastWrite;
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lastWrite = mine.Task;
        await earlier;
        try
        {
            return await write();
        }
        finally
        {
            mine.SetResult();
        }
    }

    private async Task CommitAsync(T before, Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (InconsistentStateException)
        {
            // Someone else wrote: take theirs, let the caller decide anew.
            await storage.ReadStateAsync();
            committed = storage.State;
            throw;
        }
        catch
        {
            storage.State = before;
            throw;
        }
    }
}
