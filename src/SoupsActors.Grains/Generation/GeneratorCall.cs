using Orleans.Runtime;
using SoupsActors.Generation;

namespace SoupsActors.Grains.Generation;

/// <summary>One generator's part of an answer. Its failures are results, not exceptions, so that others can follow.</summary>
internal sealed class GeneratorCall : IAsyncDisposable
{
    private readonly CancellationTokenSource stop;
    private readonly CancellationToken silence;
    private readonly CancellationToken cancelled;
    private readonly IAsyncEnumerator<AnswerPiece> pieces;
    private Task<bool>? abandoned;

    public GeneratorCall(
        IGrainFactory grains,
        string generator,
        GeneratorRequest request,
        CancellationToken silence,
        CancellationToken cancellationToken)
    {
        this.silence = silence;
        cancelled = cancellationToken;
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        pieces = grains.GetGrain<IGeneratorGrain>(generator).Generate(request, stop.Token)
            .GetAsyncEnumerator(stop.Token);
    }

    /// <summary>Why there are no more pieces; null where the generator said that there are none.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>The next piece, or null.</summary>
    public async ValueTask<AnswerPiece?> NextAsync()
    {
        try
        {
            return await MoveAsync() ? pieces.Current : null;
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException)
        {
            // The generator's activation ended, or its silo is silent; the caller still waits.
            Failure = new SiloUnavailableException("The generator does not answer any more.");
        }
        catch (Exception error)
        {
            Failure = error;
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        if (abandoned is { } pending)
        {
            await stop.CancelAsync();
            _ = EndAsync(pending);
            return;
        }

        try
        {
            await pieces.DisposeAsync();
        }
        catch (Exception) when (Failure is not null)
        {
            // The generator is gone, and with it what was to be freed.
        }

        stop.Dispose();
    }

    private async ValueTask<bool> MoveAsync()
    {
        var move = pieces.MoveNextAsync();
        if (!silence.CanBeCanceled || move.IsCompleted)
            return await move;
        var pending = move.AsTask();
        try
        {
            return await pending.WaitAsync(silence);
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested && !pending.IsCompleted)
        {
            abandoned = pending;
            throw;
        }
    }

    // Nobody waits for a silo that may never answer.
    private async Task EndAsync(Task<bool> pending)
    {
        try
        {
            await pending;
            await pieces.DisposeAsync();
        }
        catch (Exception)
        {
            // It was given up long ago.
        }

        stop.Dispose();
    }
}
