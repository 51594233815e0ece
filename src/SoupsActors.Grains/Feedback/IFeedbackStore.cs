using SoupsActors.Feedback;
using SoupsActors.Learning.Data;

namespace SoupsActors.Grains.Feedback;

/// <summary>
/// The log of feedback: events that are added and never changed, each stored once under its user and operation id, at
/// positions that grow in the order in which readers see them. What is acknowledged is on disk.
/// </summary>
internal interface IFeedbackStore
{
    /// <summary>Fingerprints of those of a user's operation ids that are stored.</summary>
    Task<Dictionary<string, string>> FingerprintsAsync(string user, IReadOnlyCollection<string> operations);

    /// <summary>
    /// Adds events in one transaction; for each, the fingerprint stored under its operation id, and whether it is new.
    /// </summary>
    Task<(bool Added, string Fingerprint)[]> AppendAsync(IReadOnlyList<CheckedFeedback> events);

    /// <summary>The next events after a position.</summary>
    Task<List<StoredFeedback>> PageAsync(FeedbackFilter filter, long after, int limit);

    /// <summary>A user's events.</summary>
    Task<StoredFeedback[]> ListAsync(string user);

    /// <summary>The newest of a user's events, newest first; the filter's user plays no part.</summary>
    Task<StoredFeedback[]> NewestAsync(string user, FeedbackFilter filter, int limit);

    /// <summary>How many events of a user there are.</summary>
    Task<long> CountOfAsync(string user);

    /// <summary>The next events about a preference, with those before them that they are compared with.</summary>
    Task<List<(StoredFeedback Event, List<StoredFeedback> Earlier)>> TeachingAsync(
        string? preference, long after, long through, int limit);

    /// <summary>How many comparisons there are after a position.</summary>
    Task<ComparisonCount> ComparisonsAsync(string? preference, long after);

    /// <summary>How much there is after a position, by preference and kind.</summary>
    Task<FeedbackCount[]> CountAsync(long after);

    /// <summary>Deletes a user's events and interactions.</summary>
    Task ForgetAsync(string user);

    /// <summary>
    /// Deletes events received before a time, a bounded number at once; returns how many, and whether there may be more.
    /// An operation id that was deleted counts as new again.
    /// </summary>
    Task<(int Deleted, bool More)> PruneAsync(DateTimeOffset before);
}
