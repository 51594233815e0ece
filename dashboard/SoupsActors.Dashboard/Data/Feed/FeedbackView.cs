using SoupsActors.Feedback;

namespace SoupsActors.Dashboard.Data.Feed;

/// <summary>The newest feedback, and how much there is.</summary>
public sealed record FeedbackView
{
    /// <summary>The newest events, newest first; at most <see cref="FeedbackFeed.Most"/>.</summary>
    public IReadOnlyList<FeedbackLine> Lines { get; init; } = [];

    /// <summary>All events by preference and kind.</summary>
    public IReadOnlyList<FeedbackCount> Counts { get; init; } = [];

    /// <summary>Events in each minute of the last hour, oldest first.</summary>
    public IReadOnlyList<int> Minutes { get; init; } = [];

    /// <summary>Events in the last hour.</summary>
    public int LastHour => Minutes.Sum();

    /// <summary>Events in the last day.</summary>
    public int LastDay { get; init; }

    /// <summary>Whether the last day had more events than are looked at, so that the counts are lower bounds.</summary>
    public bool IsAtLeast { get; init; }

    /// <summary>When it was read.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>How far people agree, over <see cref="Lines"/>.</summary>
    public IReadOnlyList<RaterAgreement> Agreement { get; init; } = [];

    /// <summary>Events in all.</summary>
    public long Events => Counts.Sum(c => c.Events);

    /// <summary>Comparisons that they make.</summary>
    public long Comparisons => Counts.Sum(c => c.Comparisons);
}
