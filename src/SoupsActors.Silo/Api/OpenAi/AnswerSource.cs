using System.Runtime.CompilerServices;
using System.Threading.Channels;
using SoupsActors.Generation;
using SoupsActors.Users;

namespace SoupsActors.Silo.Api.OpenAi;

/// <summary>A piece of the answer with this index.</summary>
internal readonly record struct IndexedPiece(int Index, AnswerPiece Piece);

/// <summary>Sends a request to its user's grain, or a guest's, once per wanted answer.</summary>
internal sealed class AnswerSource(IGrainFactory grains, TimeProvider clock)
{
    private const int GuestGrains = 16;

    // A user's grain moves to another silo as soon as its own is known to be lost.
    private const int Attempts = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// The pieces of all answers as they come. The first one is awaited before this returns, so that a refusal is still a
    /// refusal and not a broken stream. A call that is lost before is made again under the same names, with the same seed.
    /// </summary>
    public Task<PieceStream> StartAsync(
        TextRequest request, string? user, int answers, CancellationToken cancellationToken)
    {
        request = request.Seeded();
        return RetryAsync(() => StartOnceAsync(request, user, answers, cancellationToken), cancellationToken);
    }

    /// <summary>All answers, whole. Calls that are lost are made again: nobody has seen anything yet.</summary>
    public Task<Answer[]> AnswerAsync(
        TextRequest request, string? user, int answers, CancellationToken cancellationToken)
    {
        request = request.Seeded();
        return RetryAsync(
            async () =>
            {
                await using var pieces = await StartOnceAsync(request, user, answers, cancellationToken);
                return await pieces.CollectAsync(answers);
            },
            cancellationToken);
    }

    private async Task<T> RetryAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (Exception error) when (LostCalls.Is(error) && attempt < Attempts)
            {
                await Task.Delay(Pause * attempt, clock, cancellationToken);
            }
        }
    }

    private async Task<PieceStream> StartOnceAsync(
        TextRequest request, string? user, int answers, CancellationToken cancellationToken)
    {
        var pieces = answers == 1
            ? Single(request, user, cancellationToken)
            : Merged(request, user, answers, cancellationToken);
        var enumerator = pieces.GetAsyncEnumerator(cancellationToken);
        try
        {
            var hasFirst = await enumerator.MoveNextAsync();
            return new PieceStream(enumerator, hasFirst);
        }
        catch (SoupsException error) when (error.Code == "unknown_expert" && request.Model == ModelChoice.Expert)
        {
            await enumerator.DisposeAsync();
            throw ModelNames.Unknown(request.Expert!);
        }
        catch
        {
            await enumerator.DisposeAsync();
            throw;
        }
    }

    private IAsyncEnumerable<AnswerPiece> Stream(
        TextRequest request, string? user, CancellationToken cancellationToken) =>
        user is null
            ? grains.GetGrain<IGuestGrain>(Random.Shared.Next(GuestGrains)).Stream(request, cancellationToken)
            : grains.GetGrain<IUserGrain>(user).Stream(request, cancellationToken);

    private async IAsyncEnumerable<IndexedPiece> Single(
        TextRequest request, string? user, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var piece in Stream(request, user, cancellationToken).WithCancellation(cancellationToken))
            yield return new IndexedPiece(0, piece);
    }

    private async IAsyncEnumerable<IndexedPiece> Merged(
        TextRequest request, string? user, int answers, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var channel = Channel.CreateBounded<IndexedPiece>(answers);
        var pumps = Task.WhenAll(Enumerable.Range(0, answers).Select(PumpAsync));
        _ = pumps.ContinueWith(
            done => channel.Writer.TryComplete(done.Exception?.InnerException),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        try
        {
            await foreach (var piece in channel.Reader.ReadAllAsync(cancellationToken))
                yield return piece;
        }
        finally
        {
            await stop.CancelAsync();
            await pumps.ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        async Task PumpAsync(int index)
        {
            // Every answer has its own seed, and all follow from the request's.
            var own = request with
            {
                Seed = request.Seed is { } seed ? unchecked(seed + (ulong)index) : null,
                Interaction = request.Interaction is { } id ? CompletionFrame.InteractionOf(id, index) : null,
            };
            try
            {
                await foreach (var piece in Stream(own, user, stop.Token).WithCancellation(stop.Token))
                    await channel.Writer.WriteAsync(new IndexedPiece(index, piece), stop.Token);
            }
            catch
            {
                await stop.CancelAsync();
                throw;
            }
        }
    }
}

/// <summary>Pieces, the first of which has arrived.</summary>
internal sealed class PieceStream(IAsyncEnumerator<IndexedPiece> enumerator, bool hasFirst) : IAsyncDisposable
{
    /// <summary>All pieces, once.</summary>
    public async IAsyncEnumerable<IndexedPiece> ReadAsync()
    {
        if (!hasFirst)
            yield break;
        do
        {
            yield return enumerator.Current;
        }
        while (await enumerator.MoveNextAsync());
    }

    /// <summary>Reads everything and puts each answer together.</summary>
    public async Task<Answer[]> CollectAsync(int answers)
    {
        var texts = Enumerable.Range(0, answers).Select(_ => new System.Text.StringBuilder()).ToArray();
        var scores = new List<TokenScores>?[answers];
        var last = new AnswerPiece?[answers];
        await foreach (var (index, piece) in ReadAsync())
        {
            texts[index].Append(piece.Text);
            if (piece.Scores is not null)
                (scores[index] ??= []).AddRange(piece.Scores);
            last[index] = piece;
        }

        return
        [
            .. last.Select((piece, i) => piece is { End: { } end, Usage: { } usage }
                ? new Answer(texts[i].ToString(), end, usage, piece.Seed, scores[i]?.ToArray())
                {
                    Interaction = piece.Interaction,
                }
                : throw new InvalidOperationException("The answer broke off without an end.")),
        ];
    }

    public ValueTask DisposeAsync() => enumerator.DisposeAsync();
}
