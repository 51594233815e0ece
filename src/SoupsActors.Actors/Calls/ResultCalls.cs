using SoupsActors.Actors.Copying;

namespace SoupsActors.Actors;

/// <summary>A call without a result.</summary>
internal abstract class VoidCall : Call
{
    private readonly TaskCompletionSource response = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal sealed override Task Response => response.Task;

    protected sealed override Task InvokeFiltered(Activation activation) => IncomingCall.RunAsync(this, activation);

    protected sealed override void Respond(Task task) => response.TrySetFromTask(task);

    protected sealed override bool TryFail(Exception exception) => response.TrySetException(exception);

    protected sealed override void TryCancel(CancellationToken token) => response.TrySetCanceled(token);
}

/// <summary>A call with a result.</summary>
internal abstract class ResultCall<T> : Call
{
    private readonly TaskCompletionSource<T> response = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal sealed override Task<T> Response => response.Task;

    protected sealed override Task InvokeFiltered(Activation activation) => FilterAsync(activation);

    protected sealed override void Respond(Task task)
    {
        if (task is not Task<T> typed)
        {
            // The method threw before it returned a task.
            response.TrySetException(task.Exception!.InnerException!);
            return;
        }

        if (Copier<T>.IsShared || !Method.CopiesResult || !typed.IsCompletedSuccessfully)
        {
            response.TrySetFromTask(typed);
            return;
        }

        try
        {
            response.TrySetResult(Copier<T>.Copy(typed.Result));
        }
        catch (Exception exception)
        {
            response.TrySetException(exception);
        }
    }

    protected sealed override bool TryFail(Exception exception) => response.TrySetException(exception);

    protected sealed override void TryCancel(CancellationToken token) => response.TrySetCanceled(token);

    private async Task<T> FilterAsync(Activation activation) => (T)(await IncomingCall.RunAsync(this, activation))!;
}

/// <summary>A method that returns <see cref="Task"/>.</summary>
internal abstract class TaskCall : VoidCall
{
    public sealed override Task InvokeOn(object grain) => Invoke(grain) ?? throw NullTask(Method);

    public abstract Task Invoke(object grain);

    internal static InvalidOperationException NullTask(CallMethod method) =>
        new($"{method.Interface.Name}.{method.Name} returned null instead of a task.");
}

/// <summary>A method that returns <see cref="Task{TResult}"/>.</summary>
internal abstract class TaskCall<T> : ResultCall<T>
{
    public sealed override Task InvokeOn(object grain) => Invoke(grain) ?? throw TaskCall.NullTask(Method);

    public abstract Task<T> Invoke(object grain);
}

/// <summary>A method that returns <see cref="ValueTask"/>.</summary>
internal abstract class ValueTaskCall : VoidCall
{
    public sealed override Task InvokeOn(object grain) => Invoke(grain).AsTask();

    public abstract ValueTask Invoke(object grain);
}

/// <summary>A method that returns <see cref="ValueTask{TResult}"/>.</summary>
internal abstract class ValueTaskCall<T> : ResultCall<T>
{
    public sealed override Task InvokeOn(object grain) => Invoke(grain).AsTask();

    public abstract ValueTask<T> Invoke(object grain);
}

/// <summary>An observer's method that returns nothing.</summary>
internal abstract class SyncCall : VoidCall
{
    public sealed override Task InvokeOn(object grain)
    {
        Invoke(grain);
        return Task.CompletedTask;
    }

    public abstract void Invoke(object grain);
}
