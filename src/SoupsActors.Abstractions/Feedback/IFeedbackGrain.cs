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

    /// <summary>The user's events in the order they were stored.</summary>
    [AlwaysInterleave]
    Task<StoredFeedback[]> List();

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
