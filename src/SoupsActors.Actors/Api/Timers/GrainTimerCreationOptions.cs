using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>When a grain timer fires and how its turns mix with calls.</summary>
public readonly struct GrainTimerCreationOptions()
{
    /// <summary>A timer whose turns wait for calls as calls do, and which does not keep the grain alive.</summary>
    [SetsRequiredMembers]
    public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
        : this()
    {
        DueTime = dueTime;
        Period = period;
    }

    /// <summary>Time to the first callback; <see cref="Timeout.InfiniteTimeSpan"/> for never.</summary>
    public required TimeSpan DueTime { get; init; }

    /// <summary>
    /// Time from the end of a callback to the next; <see cref="Timeout.InfiniteTimeSpan"/> for once only.
    /// </summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Whether a callback may start while a call awaits something.</summary>
    public bool Interleave { get; init; }

    /// <summary>Whether a callback counts as use, so that the grain is not collected as idle.</summary>
    public bool KeepAlive { get; init; }
}

/// <summary>A grain's timer; disposing it stops it and cancels the token of a running callback.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Sets a new due time and period.</summary>
    void Change(TimeSpan dueTime, TimeSpan period);
}
