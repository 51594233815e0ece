using Orleans.Concurrency;

namespace SoupsActors.Feedback;

/// <summary>What one user said about answers, and the answers they got. The key is the user's id.</summary>
public interface IFeedbackGrain : IGrainWithStringKey
{
    /// <summary>
    /// Stores events, at most <see cref="SoupsLimits.MaxFeedbackBatch"/>; what is reported as accepted or duplicate is on
    /// disk. A wrong event is refused alone.
    /// </summary>
    /// <param name="events">Events of this user.</param>
    /// <returns>One result for each event, in their order.</returns>
    /// <exception cref="SoupsException">There are too many events.</exception>
    Task<FeedbackResult[]> Append(FeedbackEvent[] events);

    /// <summary>All of the user's events in the order they were stored, however many there are.</summary>
    [AlwaysInterleave]
    Task<StoredFeedback[]> List();

    /// <summary>The newest of the user's events, newest first.</summary>
    /// <param name="most">How many at most, 1 to <see cref="SoupsLimits.MaxFeedbackBatch"/>.</param>
    /// <param name="filter">Which ones, or null for all; its user plays no part.</param>
    /// <exception cref="SoupsException">So many are not given at once.</exception>
    [AlwaysInterleave]
    Task<StoredFeedback[]> Newest(int most, FeedbackFilter? filter = null);

    /// <summary>How many events of the user are stored.</summary>
    [AlwaysInterleave]
    Task<long> Count();

    /// <summary>Those of these operation ids under which an event of the user is stored.</summary>
    /// <param name="operationIds">At most <see cref="SoupsLimits.MaxFeedbackBatch"/>.</param>
    /// <exception cref="SoupsException">There are too many.</exception>
    [AlwaysInterleave]
    Task<string[]> Known(string[] operationIds);

    /// <summary>The answers kept for this user, oldest first.</summary>
    [AlwaysInterleave]
    Task<Interaction[]> ListInteractions();

    /// <summary>Deletes the user's feedback and interactions.</summary>
    Task Forget(string operationId);
}

/// <summary>Reads the feedback of all users. The key, any small number, only spreads the load.</summary>
public interface IFeedbackLogGrain : IGrainWithIntegerKey
{
    /// <summary>Events in the order they were stored.</summary>
    /// <param name="filter">Which ones.</param>
    /// <param name="after">Only events with a higher position; 0 for all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    IAsyncEnumerable<StoredFeedback> Read(
        FeedbackFilter filter, long after = 0, CancellationToken cancellationToken = default);

    /// <summary>How much there is, by preference and kind.</summary>
    /// <param name="after">Only events with a higher position; 0 for all.</param>
    [AlwaysInterleave]
    Task<FeedbackCount[]> Count(long after = 0);

    /// <summary>An answer with all that made it, or null where it is unknown or no longer kept.</summary>
    [AlwaysInterleave]
    Task<Interaction?> FindInteraction(string id);
}
