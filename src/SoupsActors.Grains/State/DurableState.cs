using Orleans.Runtime;
using Orleans.Storage;

namespace SoupsActors.Grains.State;

/// <summary>
/// State of a reentrant grain: <see cref="Value"/> is what storage has acknowledged, never a write still under way, and
/// writes go one after the other although calls interleave. Where another activation of the grain has written, as may
/// happen for a moment while a cluster does not agree on who is alive, the write is decided anew on what is stored now;
/// an operation that the other one applied is not applied again, and nothing of it is lost.
/// </summary>
internal sealed class DurableState<T>(IPersistentState<T> storage)
    where T : class, new()
{
    private const int Attempts = 4;

    private Task lastWrite = Task.CompletedTask;
    private T? committed;

    /// <summary>The state that storage has acknowledged.</summary>
    public T Value => committed ?? storage.State;

    /// <summary>
    /// Stores what <paramref name="change"/> makes of the state; null or the same object is no write.
    /// </summary>
    /// <exception cref="InconsistentStateException">
    /// Others keep writing. The runtime then ends this activation, and the caller's next attempt finds the right one.
    /// </exception>
    public Task<T> UpdateAsync(Func<T, T?> change) => InTurnAsync(async () =>
    {
        for (var attempt = 1; ; attempt++)
        {
            var before = Value;
            var next = change(before);
            if (next is null || ReferenceEquals(next, before))
                return before;
            LaterFields.Carry(before, next);
            committed = before;
            storage.State = next;
            if (await TryCommitAsync(before, storage.WriteStateAsync, isLast: attempt == Attempts))
                return committed = next;
        }
    });

    /// <summary>Deletes the state.</summary>
    public Task ClearAsync() => InTurnAsync(async () =>
    {
        for (var attempt = 1; storage.RecordExists; attempt++)
        {
            if (await TryCommitAsync(Value, storage.ClearStateAsync, isLast: attempt == Attempts))
                break;
        }

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

    private async Task<bool> TryCommitAsync(T before, Func<Task> write, bool isLast)
    {
        try
        {
            await write();
            return true;
        }
        catch (InconsistentStateException)
        {
            // Someone else wrote: take theirs.
            await storage.ReadStateAsync();
            committed = storage.State;
            if (isLast)
                throw;
            return false;
        }
        catch
        {
            storage.State = before;
            throw;
        }
    }
}
