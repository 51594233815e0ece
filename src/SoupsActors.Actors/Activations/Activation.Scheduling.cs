namespace SoupsActors.Actors;

/// <summary>The mailbox, and turns on the thread pool.</summary>
internal sealed partial class Activation
{
    /// <summary>
    /// After this many items the activation goes to the end of the thread pool's queue, so that others have their turn.
    /// </summary>
    private const int ItemsPerRun = 500;

    private static readonly Func<object?, bool> DrainTurns = static activation => ((Activation)activation!).Drain();

    private Mailbox mailbox;
    private WorkItem? backlog;

    /// <summary>Puts an item into the mailbox; false when it is closed.</summary>
    internal bool Post(WorkItem item)
    {
        var posted = mailbox.Post(item);
        if (posted == Posted.Wake)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        return posted != Posted.Refused;
    }

    /// <inheritdoc/>
    public bool TryPost(Call call) => Post(call);

    /// <summary>Runs turns; called by the thread pool.</summary>
    public void Execute()
    {
        RuntimeContext.Current = this;
        // What runs inside a task of this scheduler sees it as TaskScheduler.Current, and so do the awaits in there.
        var turns = new Task<bool>(DrainTurns, this, CancellationToken.None, TaskCreationOptions.DenyChildAttach);
        turns.RunSynchronously(this);
        RuntimeContext.Current = null;
        if (turns.GetAwaiter().GetResult())
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <inheritdoc/>
    public void QueueAction(Action action) => QueueAction(static run => ((Action)run)(), action);

    /// <inheritdoc/>
    public void QueueAction(Action<object> action, object state) => Post(new ActionItem(action!, state));

    /// <inheritdoc/>
    void Orleans.Runtime.IWorkItemScheduler.QueueTask(Task task) => task.Start(this);

    /// <inheritdoc/>
    public override int MaximumConcurrencyLevel => 1;

    /// <inheritdoc/>
    protected override void QueueTask(Task task)
    {
        // Work that a grain left behind goes on after its end, still one piece at a time.
        if (!Post(new TaskItem(task)))
            _ = Task.Factory.StartNew(
                () => TryExecuteTask(task), CancellationToken.None, TaskCreationOptions.None, Parts.Afterlife);
    }

    /// <inheritdoc/>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ReferenceEquals(RuntimeContext.Current, this) && TryExecuteTask(task);

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks() => [];

    internal void RunTask(Task task) => TryExecuteTask(task);

    internal void RunAction(Action<object?> action, object? state)
    {
        try
        {
            action(state);
        }
        catch (Exception exception)
        {
            Log.ActionFailed(Host.Logger, exception, GrainId);
        }
    }

    /// <summary>Runs items until there are none; true when it stopped early and wants to go on.</summary>
    private bool Drain()
    {
        var left = ItemsPerRun;
        var clean = ExecutionContext.Capture()!;
        if (state == ActivationState.Created)
            Begin();
        // Calls taken over from the activation before came before all that the mailbox holds.
        if (somethingEnded)
            StartWaiting(clean);
        while (true)
        {
            var item = backlog ?? mailbox.TakeAll();
            backlog = null;
            while (item is not null)
            {
                var next = item.Next;
                item.Next = null;
                item.Run(this);
                // A grain method that is not async can leave its own context values behind.
                ExecutionContext.Restore(clean);
                if (somethingEnded)
                    StartWaiting(clean);
                item = next;
                if (--left <= 0)
                {
                    backlog = item;
                    return true;
                }
            }

            if (somethingEnded)
                StartWaiting(clean);
            EndIfAsked();
            if (state == ActivationState.Closing)
            {
                if (mailbox.TryClose())
                {
                    Close();
                    return false;
                }
            }
            else
            {
                NoteUse();
                if (mailbox.TryIdle())
                    return false;
            }
        }
    }
}
