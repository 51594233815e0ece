using Orleans.Runtime;

namespace SoupsActors.Actors;

/// <summary>The reader's side of a stream: fetches elements batch by batch.</summary>
internal sealed class RemoteEnumerator<T> : IAsyncEnumerator<T>
{
    private readonly EnumerationSession<T> session;
    private readonly GrainReference reference;
    private readonly CallMethod method;
    private readonly CancellationTokenSource? both;
    private readonly CancellationToken token;
    private Batch<T> batch = new([], false);
    private int index = -1;
    private bool ended;

    public RemoteEnumerator(EnumerableCall<T> call, GrainReference reference, CallMethod method, CancellationToken own)
    {
        session = new EnumerationSession<T>(call, $"{reference.GrainId}.{method.Name}");
        this.reference = reference;
        this.method = method;
        var given = call.GetToken();
        if (given.CanBeCanceled && own.CanBeCanceled && given != own)
            both = CancellationTokenSource.CreateLinkedTokenSource(given, own);
        token = both?.Token ?? (own.CanBeCanceled ? own : given);
    }

    public T Current => batch.Items[index];

    public async ValueTask<bool> MoveNextAsync()
    {
        if (++index < batch.Items.Length)
            return true;
        if (ended || batch.IsLast)
            return false;
        index = 0;
        try
        {
            token.ThrowIfCancellationRequested();
            batch = await FetchAsync();
        }
        catch
        {
            batch = new([], true);
            session.Cancel();
            throw;
        }

        return batch.Items.Length > 0;
    }

    public async ValueTask DisposeAsync()
    {
        both?.Dispose();
        var nothingToEnd = ended || session.Activation is null || session.IsAborted || reference.Host.IsStopped;
        ended = true;
        batch = new([], true);
        if (nothingToEnd)
            return;
        var end = new EndCall<T>(session);
        end.Address(reference, method);
        if (Post(end))
            await end.Response;
    }

    private async Task<Batch<T>> FetchAsync()
    {
        var next = new NextCall<T>(session);
        next.Address(reference, method);
        if (!next.FollowToken(token))
            token.ThrowIfCancellationRequested();
        if (!Post(next))
            throw session.Aborted();
        try
        {
            return await next.Response;
        }
        catch (OperationCanceledException) when (session.IsAborted && !token.IsCancellationRequested)
        {
            throw session.Aborted();
        }
    }

    private bool Post(Call call)
    {
        if (session.Activation is not { } activation)
        {
            reference.Host.Send(call);
            return true;
        }

        if (!reference.Host.Prepare(call, isUnderWay: true) || activation.Post(call))
            return true;
        call.Fail(session.Aborted());
        return false;
    }
}

/// <summary>Takes the next elements.</summary>
internal sealed class NextCall<T>(EnumerationSession<T> session) : ResultCall<Batch<T>>
{
    public override Task InvokeOn(object grain) => session.NextAsync(grain);
}

/// <summary>Ends the stream.</summary>
internal sealed class EndCall<T>(EnumerationSession<T> session) : VoidCall
{
    public override Task InvokeOn(object grain) => session.EndAsync();
}
