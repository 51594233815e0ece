using Orleans.Runtime;
using SoupsActors.Actors.Copying;

namespace SoupsActors.Actors;

/// <summary>Some elements of a stream, and whether they are the last.</summary>
internal readonly record struct Batch<T>(T[] Items, bool IsLast);

/// <summary>A stream that an activation must end before its own end.</summary>
internal interface IOpenStream
{
    /// <summary>Cancels what the stream awaits.</summary>
    void Abort();

    /// <summary>Ends the stream.</summary>
    Task EndAsync();
}

/// <summary>The grain's side of a stream that somebody reads; runs in turns of the grain.</summary>
internal sealed class EnumerationSession<T>(EnumerableCall<T> call, string description) : IOpenStream
{
    private readonly CancellationTokenSource stop = new();
    private IAsyncEnumerator<T>? enumerator;
    private Task<bool>? moving;
    private Task step = Task.CompletedTask;
    private volatile bool givenUp;

    /// <summary>The activation that the stream began on; it cannot go on with another.</summary>
    public Activation? Activation { get; private set; }

    /// <summary>Whether the activation ended before the stream.</summary>
    public bool IsAborted { get; private set; }

    /// <summary>The next elements: waits for one, and takes what follows without waiting.</summary>
    public Task<Batch<T>> NextAsync(object grain)
    {
        if (IsAborted)
            throw Aborted();
        if (Activation is null)
        {
            Activation = RuntimeContext.Current!;
            Interlocked.MemoryBarrier();
            if (givenUp)
                throw new OperationCanceledException();
            Activation.Parts.Add(this);
            enumerator = call.Start(grain, stop.Token);
        }

        var next = TakeAsync();
        step = next;
        return next;
    }

    /// <summary>The reader gives up: what the grain awaits is cancelled.</summary>
    public void Cancel()
    {
        givenUp = true;
        Interlocked.MemoryBarrier();
        Activation?.QueueAction(static source => ((CancellationTokenSource)source).Cancel(), stop);
    }

    /// <summary>The activation ends; the reader will learn of it.</summary>
    public void Abort()
    {
        IsAborted = true;
        stop.Cancel();
    }

    /// <summary>The exception of a reader whose stream was aborted.</summary>
    public EnumerationAbortedException Aborted() =>
        new($"The grain was deactivated, and with it the stream that {description} had begun. Call the method again.");

    /// <summary>The reader has finished, or the activation ends.</summary>
    public async Task EndAsync()
    {
        Activation?.Parts.Remove(this);
        await stop.CancelAsync();
        await step.ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (moving is not null)
            await ((Task)moving).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (enumerator is not null)
            await enumerator.DisposeAsync();
        enumerator = null;
    }

    private async Task<Batch<T>> TakeAsync()
    {
        List<T> items = [];
        do
        {
            moving ??= enumerator!.MoveNextAsync().AsTask();
            if (items.Count > 0 && !moving.IsCompletedSuccessfully)
                return new Batch<T>([.. items], false);
            var moved = await moving;
            moving = null;
            if (!moved)
                return new Batch<T>([.. items], true);
            items.Add(Copier<T>.Copy(enumerator!.Current));
        }
        while (items.Count < call.MaxBatchSize);
        return new Batch<T>([.. items], false);
    }
}
