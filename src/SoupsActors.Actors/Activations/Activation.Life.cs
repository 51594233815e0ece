using Orleans;

namespace SoupsActors.Actors;

/// <summary>Beginning and end.</summary>
internal sealed partial class Activation
{
    private DeactivationReason? deactivation;
    private Exception? failure;
    private long lastUsed;

    /// <summary>Whether the grain is alive or about to be.</summary>
    internal bool IsAlive => state is ActivationState.Activating or ActivationState.Valid;

    /// <summary>When the activation was last used, as a timestamp of the host's clock; read by any thread.</summary>
    internal long LastUsed => Volatile.Read(ref lastUsed);

    /// <inheritdoc/>
    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        if (ReferenceEquals(RuntimeContext.Current, this))
            RequestDeactivation(deactivationReason);
        else
            Post(new DeactivateItem(deactivationReason));
    }

    /// <summary>Notes that the activation shall end as soon as nothing runs; in a turn.</summary>
    internal void RequestDeactivation(DeactivationReason reason)
    {
        if (deactivation is not null)
            return;
        deactivation = reason;
        // Ticks and streams may wait for long; both are told now, so that they do not keep the grain from ending.
        parts?.StopTimers();
        parts?.AbortStreams();
    }

    /// <summary>Keeps collection away for a time.</summary>
    internal void DelayDeactivation(TimeSpan time)
    {
        Parts.KeepAliveUntil = time <= TimeSpan.Zero || time == TimeSpan.MaxValue
            ? (time <= TimeSpan.Zero ? DateTimeOffset.MinValue : DateTimeOffset.MaxValue)
            : Host.Time.GetUtcNow() + time;
    }

    /// <summary>Whether the activation is idle and has been for this long.</summary>
    internal bool IsUnusedFor(TimeSpan age) =>
        state == ActivationState.Valid && running == 0 && firstWaiting is null
        && Host.Time.GetElapsedTime(LastUsed) >= age
        && (parts is null || parts.KeepAliveUntil <= Host.Time.GetUtcNow());

    /// <summary>Makes this an activation of an object that exists already.</summary>
    internal Activation AlreadyActive(object instance)
    {
        GrainInstance = instance;
        state = ActivationState.Valid;
        return this;
    }

    /// <summary>Takes over calls of an activation that has ended; before anybody else knows this one.</summary>
    internal void TakeOver(Call? waiting)
    {
        while (waiting is not null)
        {
            var next = (Call?)waiting.Next;
            waiting.Next = null;
            Wait(waiting);
            waiting = next;
        }
    }

    private void NoteUse()
    {
        if (!used)
            return;
        used = false;
        Volatile.Write(ref lastUsed, Host.Time.GetTimestamp());
    }

    private void Begin()
    {
        state = ActivationState.Activating;
        _ = ActivateAsync();
    }

    private async Task ActivateAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(Host.Collection.ActivationTimeout, Host.Time);
            GrainInstance = Class.Construct(this);
            if (parts?.Lifecycle is { } lifecycle)
                await lifecycle.StartAsync(limit.Token).WaitAsync(limit.Token);
            if (GrainInstance is IGrainBase grain)
                await grain.OnActivateAsync(limit.Token).WaitAsync(limit.Token);
            state = ActivationState.Valid;
            somethingEnded = true;
        }
        catch (Exception exception)
        {
            Log.ActivationFailed(Host.Logger, exception, GrainId);
            failure = exception;
            await DisposeAsync();
            state = ActivationState.Closing;
        }
    }

    private void EndIfAsked()
    {
        if (deactivation is null || state != ActivationState.Valid || running > 0
            || (!served && firstWaiting is not null))
            return;
        state = ActivationState.Deactivating;
        _ = DeactivateAsync(deactivation.Value);
    }

    private async Task DeactivateAsync(DeactivationReason reason)
    {
        try
        {
            using var limit = new CancellationTokenSource(Host.Collection.DeactivationTimeout, Host.Time);
            parts?.StopTimers();
            if (GrainInstance is IGrainBase grain)
                await grain.OnDeactivateAsync(reason, limit.Token).WaitAsync(limit.Token);
            if (parts?.Lifecycle is { } lifecycle)
                await lifecycle.StopAsync(limit.Token).WaitAsync(limit.Token);
        }
        catch (Exception exception)
        {
            Log.DeactivationFailed(Host.Logger, exception, GrainId);
        }

        await DisposeAsync();
        state = ActivationState.Closing;
    }

    private async Task DisposeAsync()
    {
        try
        {
            if (parts is not null)
                await parts.StopStreamsAsync();
            if (GrainInstance is IAsyncDisposable asyncDisposable)
                await asyncDisposable.DisposeAsync();
            else
                (GrainInstance as IDisposable)?.Dispose();
            if (parts is not null)
                await parts.DisposeServicesAsync();
        }
        catch (Exception exception)
        {
            Log.DeactivationFailed(Host.Logger, exception, GrainId);
        }
    }

    private void Close()
    {
        state = ActivationState.Closed;
        var waiting = firstWaiting;
        firstWaiting = lastWaiting = null;
        Call? first = null;
        Call? last = null;
        while (waiting is not null)
        {
            var next = waiting.Next;
            waiting.Next = null;
            if (failure is null && waiting is Call { IsAbandoned: false } call)
            {
                if (last is null)
                    first = call;
                else
                    last.Next = call;
                last = call;
            }
            else
            {
                Dropped((Turn)waiting, failure);
            }

            waiting = next;
        }

        // References remember where their last call went; they must not keep the grain itself.
        GrainInstance = null;
        owner.Closed(this, first);
        // Also where nobody has asked yet: who asks later must find it complete.
        Parts.Deactivated.TrySetResult();
    }
}
