using SoupsActors.Feedback;

namespace SoupsActors.Grains.Feedback;

/// <summary>Answers that feedback can refer to; what is older than the retention time is not there.</summary>
public interface IInteractionStore
{
    /// <summary>
    /// Keeps an answer; of two with one id the first one, unless that broke off and the same user got the second whole: then
    /// a lost call was made again, and the second is the one that was seen.
    /// </summary>
    Task AddAsync(Interaction interaction);

    /// <summary>Those of the ids that are kept.</summary>
    Task<Dictionary<string, Interaction>> FindAsync(IReadOnlyCollection<string> ids);

    /// <summary>A user's answers, oldest first.</summary>
    Task<Interaction[]> ListAsync(string user);

    /// <summary>Deletes what is older than the retention time; returns how many answers that were.</summary>
    Task<int> PruneAsync(CancellationToken cancellationToken = default);
}
