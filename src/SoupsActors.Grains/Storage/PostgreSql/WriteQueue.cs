namespace SoupsActors.Grains.Storage.PostgreSql;

/// <summary>
/// Group commit: what arrives while a transaction is under way shares the next one, so that a round trip and a flush are
/// paid once for all of it. A write that the database refuses fails alone.
/// </summary>
/// <param name="lanes">Transactions under way at once.</param>
/// <param name="largest">Most writes of one transaction.</param>
/// <param name="commit">Carries out writes in one transaction; a result for each, in their order.</param>
internal sealed class WriteQueue<TItem, TResult>(
    int lanes, int largest, Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TResult>>> commit)
{
    private readonly Lock gate = new();
    private readonly Queue<Waiting> queue = new();
    private int running;

    /// <summary>Completes after the commit of the transaction that the write is part of.</summary>
    public Task<TResult> AddAsync(TItem item)
    {
        var waiting = new Waiting(item);
        lock (gate)
        {
            queue.Enqueue(waiting);
            if (running == lanes)
                return waiting.Task;
            running++;
        }

        _ = Task.Run(DrainAsync);
        return waiting.Task;
    }

    private async Task DrainAsync()
    {
        while (Take() is { Count: > 0 } batch)
            await CommitAsync(batch);
    }

    private List<Waiting> Take()
    {
        var batch = new List<Waiting>();
        lock (gate)
        {
            while (batch.Count < largest && queue.TryDequeue(out var next))
                batch.Add(next);
            if (batch.Count == 0)
                running--;
        }

        return batch;
    }

    private async Task CommitAsync(List<Waiting> batch)
    {
        try
        {
            var results = await commit(batch.ConvertAll(waiting => waiting.Item));
            for (var i = 0; i < batch.Count; i++)
                batch[i].SetResult(results[i]);
        }
        catch (Exception error) when (batch.Count > 1 && error is not SoupsException)
        {
            foreach (var waiting in batch)
                await CommitAsync([waiting]);
        }
        catch (Exception error)
        {
            foreach (var waiting in batch)
                waiting.SetException(error);
        }
    }

    private sealed class Waiting(TItem item)
        : TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public TItem Item { get; } = item;
    }
}
