using Orleans.Runtime;

namespace SoupsActors.Actors;

/// <summary>
/// A grain's timer. Each tick waits for its turn like a call; the period counts from the end of a tick.
/// </summary>
internal abstract class GrainTimer : Turn, IGrainTimer
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(0xfffffffe);

    private readonly Lock gate = new();
    private readonly CancellationTokenSource stop = new();
    private readonly Activation activation;
    private readonly GrainTimerCreationOptions options;
    private readonly ITimer timer;
    private TimeSpan period;
    private TimeSpan? changedDueTime;
    private bool ticking;

    protected GrainTimer(Activation activation, GrainTimerCreationOptions options)
    {
        this.activation = activation;
        this.options = options;
        Check(options.DueTime, options.Period);
        period = options.Period;
        // Ticks are nobody's call: they see no request context of the call that made the timer.
        using var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        timer = activation.Host.Time.CreateTimer(
            static self => ((GrainTimer)self!).Due(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    internal override bool AlwaysInterleaves => options.Interleave;

    internal override bool IsReadOnly => false;

    internal override bool CountsAsUse => options.KeepAlive;

    internal override bool IsAbandoned => stop.IsCancellationRequested;

    protected CancellationToken Stopped => stop.Token;

    public static IGrainTimer Create<TState>(
        Activation activation, Func<TState, CancellationToken, Task> callback, TState state,
        GrainTimerCreationOptions options)
    {
        var created = new GrainTimer<TState>(activation, callback, state, options);
        activation.Parts.Add(created);
        if (options.Interleave)
            activation.ExpectInterleaving();
        created.timer.Change(options.DueTime, Timeout.InfiniteTimeSpan);
        return created;
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, period);
        lock (gate)
        {
            this.period = period;
            if (ticking)
                changedDueTime = dueTime;
            else
                timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        timer.Dispose();
        activation.Parts.Remove(this);
        stop.Cancel();
    }

    internal override void Finish(Activation activation, Task task)
    {
        if (task.IsFaulted)
            Log.TimerFailed(activation.Host.Logger, task.Exception!.InnerException!, activation.GrainId);
        lock (gate)
        {
            ticking = false;
            if (!stop.IsCancellationRequested)
                timer.Change(changedDueTime ?? period, Timeout.InfiniteTimeSpan);
            changedDueTime = null;
        }
    }

    internal override void Dropped(Exception? failure)
    {
    }

    private void Due()
    {
        lock (gate)
        {
            if (ticking || stop.IsCancellationRequested)
                return;
            ticking = true;
        }

        activation.Post(this);
    }

    private static void Check(TimeSpan dueTime, TimeSpan period)
    {
        CheckOne(dueTime, nameof(dueTime));
        CheckOne(period, nameof(period));

        static void CheckOne(TimeSpan time, string name)
        {
            if (time != Timeout.InfiniteTimeSpan && (time < TimeSpan.Zero || time > Longest))
            {
                throw new ArgumentOutOfRangeException(
                    name, time, $"A timer's times are from zero to {Longest}, or Timeout.InfiniteTimeSpan.");
            }
        }
    }
}

/// <summary>A timer with its callback.</summary>
internal sealed class GrainTimer<TState>(
    Activation activation, Func<TState, CancellationToken, Task> callback, TState state,
    GrainTimerCreationOptions options)
    : GrainTimer(activation, options)
{
    internal override Task Start(Activation activation) => callback(state, Stopped) ?? Task.CompletedTask;
}
