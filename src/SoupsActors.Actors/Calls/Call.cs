using System.Reflection;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Orleans.Storage;

namespace SoupsActors.Actors;

/// <summary>
/// One call of a grain method: message, pending response and place in the call chain in one object. The classes that
/// hold the
/// arguments are generated with the references (<see cref="ReferenceEmitter"/>).
/// </summary>
internal abstract class Call : Turn, IInvokable
{
    private CancellationTokenSource? calleeToken;
    private CancellationTokenRegistration callerToken;
    private volatile bool abandoned;

    /// <summary>The call that was being served when this one was made.</summary>
    internal Call? Caller;

    /// <summary>The latest call made while serving this one, while it is pending.</summary>
    internal Call? Outgoing;

    /// <summary>The values that travel with the call.</summary>
    internal Dictionary<string, object>? Values;

    /// <summary>The activation that made the call; null for a client.</summary>
    internal Activation? Source;

    /// <summary>The activation that serves the call.</summary>
    internal Activation? Target;

    /// <summary>Whether a pool of workers counts it as load.</summary>
    internal bool IsCounted;

    /// <summary>Its place among the calls that wait for a response.</summary>
    internal PendingEntry Pending;

    internal CallMethod Method { get; private set; } = null!;

    internal GrainReference Reference { get; private set; } = null!;

    internal override bool AlwaysInterleaves => Method.AlwaysInterleaves;

    internal override bool IsReadOnly => Method.IsReadOnly;

    internal override bool CountsAsUse => true;

    internal override bool IsAbandoned => abandoned;

    /// <summary>Grain and method, as chains show them.</summary>
    public override string ToString() => $"{Reference.GrainId}.{Method.Name}";

    /// <summary>Says where the call goes.</summary>
    internal void Address(GrainReference reference, CallMethod method)
    {
        Reference = reference;
        Method = method;
    }

    /// <summary>
    /// Gives the callee a token of its own that follows the caller's; false when that is cancelled already.
    /// </summary>
    internal bool FollowToken(CancellationToken token)
    {
        if (!token.CanBeCanceled)
            return true;
        if (token.IsCancellationRequested)
            return false;
        calleeToken = new CancellationTokenSource();
        SetToken(calleeToken.Token);
        callerToken = token.UnsafeRegister(
            static (call, token) =>
            {
                ((Call)call!).TryCancel(token);
                ((Call)call).Abandon(cancel: true);
            },
            this);
        return true;
    }

    /// <summary>
    /// Nobody waits any more: the call does not start if it has not, and the callee's token may be cancelled.
    /// </summary>
    internal void Abandon(bool cancel)
    {
        abandoned = true;
        Interlocked.MemoryBarrier();
        // In a turn of the callee, so that what it registered with the token never runs beside its turns.
        if (cancel && calleeToken is not null && Target is { } target)
            target.QueueAction(static source => ((CancellationTokenSource)source).Cancel(), calleeToken);
    }

    internal sealed override Task Start(Activation activation)
    {
        Target = activation;
        if (calleeToken is not null)
        {
            Interlocked.MemoryBarrier();
            if (abandoned)
                calleeToken.Cancel();
        }

        CallFlow.Enter(this);
        return (activation.Class.HasFilter || activation.Host.IncomingFilters.Length > 0) && !Method.IsStreaming
            ? InvokeFiltered(activation)
            : InvokeOn(activation.GrainInstance!);
    }

    internal sealed override void Finish(Activation activation, Task task)
    {
        if (task.IsFaulted
            && task.Exception!.InnerException is InconsistentStateException { IsSourceActivation: true } conflict)
        {
            conflict.IsSourceActivation = false;
            activation.RequestDeactivation(new Orleans.DeactivationReason(
                Orleans.DeactivationReasonCode.ApplicationError, conflict, "The state in memory is out of date."));
        }

        if (Method.IsOneWay && task.IsFaulted)
            Log.OneWayCallFailed(activation.Host.Logger, task.Exception!, Method.Name, activation.GrainId);
        Respond(task);
        Ended();
    }

    internal sealed override void Dropped(Exception? failure)
    {
        if (failure is not null)
            Fail(failure);
        Ended();
    }

    /// <summary>Ends the call with an exception, unless it has ended.</summary>
    internal void Fail(Exception exception)
    {
        if (TryFail(exception))
            Ended();
    }

    /// <summary>The method on the grain, with a result of any type.</summary>
    public abstract Task InvokeOn(object grain);

    /// <summary>The argument that is a cancellation token; overridden where there is one.</summary>
    public virtual CancellationToken GetToken() => default;

    /// <summary>Replaces the argument that is a cancellation token.</summary>
    public virtual void SetToken(CancellationToken token)
    {
    }

    /// <inheritdoc/>
    public virtual int GetArgumentCount() => 0;

    /// <inheritdoc/>
    public virtual object? GetArgument(int index) => throw new ArgumentOutOfRangeException(nameof(index));

    /// <inheritdoc/>
    public virtual void SetArgument(int index, object value) => throw new ArgumentOutOfRangeException(nameof(index));

    object? IInvokable.GetTarget() => Target?.GrainInstance;

    string IInvokable.GetMethodName() => Method.Name;

    string IInvokable.GetInterfaceName() => Method.Interface.FullName!;

    string IInvokable.GetActivityName() => $"{Method.Interface.Name}/{Method.Name}";

    MethodInfo IInvokable.GetMethod() => Method.Method;

    Type IInvokable.GetInterfaceType() => Method.Interface;

    /// <summary>What the caller awaits.</summary>
    internal abstract Task Response { get; }

    /// <summary>The method behind the filters.</summary>
    protected abstract Task InvokeFiltered(Activation activation);

    /// <summary>Gives the caller a copy of the result, or the exception.</summary>
    protected abstract void Respond(Task task);

    /// <summary>Gives the caller an exception; false when it has its response already.</summary>
    protected abstract bool TryFail(Exception exception);

    /// <summary>Gives the caller a cancellation.</summary>
    protected abstract void TryCancel(CancellationToken token);

    private void Ended()
    {
        callerToken.Dispose();
        Pending.Leave(this);
        if (Caller is { } caller)
        {
            if (ReferenceEquals(caller.Outgoing, this))
                caller.Outgoing = null;
            // A chain of calls that nobody awaits must not hold on to all that came before.
            Caller = null;
        }
    }
}
