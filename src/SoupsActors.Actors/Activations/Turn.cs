namespace SoupsActors.Actors;

/// <summary>
/// A call or a timer's tick: waits until the activation lets it start, runs, perhaps over several awaits, and finishes
/// in a turn.
/// </summary>
internal abstract class Turn : WorkItem
{
    private Activation? host;
    private Action? finishLater;
    private Task? task;

    /// <summary>Whether it may start while anything else awaits.</summary>
    internal abstract bool AlwaysInterleaves { get; }

    /// <summary>Whether it may start while others of its kind await.</summary>
    internal abstract bool IsReadOnly { get; }

    /// <summary>Whether it keeps the activation from being collected as idle.</summary>
    internal abstract bool CountsAsUse { get; }

    /// <summary>Whether nobody is interested in it any more, so that it need not start.</summary>
    internal abstract bool IsAbandoned { get; }

    /// <summary>Starts it in the current turn.</summary>
    internal abstract Task Start(Activation activation);

    /// <summary>Delivers the result, in a turn.</summary>
    internal abstract void Finish(Activation activation, Task task);

    /// <summary>The activation ended before it started.</summary>
    internal abstract void Dropped(Exception? failure);

    internal sealed override void Run(Activation activation)
    {
        if (task is null)
            activation.Receive(this);
        else
            Finished(activation, task);
    }

    /// <summary>Finishes now if the task is complete, and else in a turn of its own after that.</summary>
    internal void FinishWith(Activation activation, Task started)
    {
        if (started.IsCompleted)
        {
            Finished(activation, started);
            return;
        }

        host = activation;
        task = started;
        // The last step of a grain method runs on the grain's scheduler, but the task may also come from elsewhere.
        started.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(finishLater ??= () => host!.Post(this));
    }

    private void Finished(Activation activation, Task completed)
    {
        task = null;
        activation.Ended(this, completed);
    }
}
