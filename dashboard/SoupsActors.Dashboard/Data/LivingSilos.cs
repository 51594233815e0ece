using SoupsActors.Cluster;

namespace SoupsActors.Dashboard.Data;

/// <summary>
/// What of a report is true now. A silent silo may be dead, and what it told last of its queue is then over; a process
/// that takes its place is another silo.
/// </summary>
public static class LivingSilos
{
    /// <summary>Requests that wait for a device.</summary>
    public static int Waiting(this ClusterReport cluster) => cluster.Living().Sum(silo => silo.State.QueueLength);

    /// <summary>Rows that devices compute.</summary>
    public static int Running(this ClusterReport cluster) => cluster.Living().Sum(silo => silo.State.RunningRows);

    /// <summary>Whether nothing was asked in the last hour and nothing is under way.</summary>
    public static bool IsIdle(this ClusterReport cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var wasAsked = cluster.History.Append(cluster.Recent).Any(figures => figures.RequestsPerSecond > 0
            || figures.AnswersPerSecond > 0 || figures.TokensPerSecond > 0 || figures.QueueLength > 0);
        return !wasAsked && cluster.Waiting() + cluster.Running() == 0;
    }

    /// <summary>The silo that was chosen, or else one that answers; null where there is none at all.</summary>
    /// <param name="silos">All that were heard of.</param>
    /// <param name="chosen">Id of the chosen one, or null.</param>
    public static SiloSummary? Pick(this IReadOnlyList<SiloSummary> silos, string? chosen)
    {
        ArgumentNullException.ThrowIfNull(silos);
        return silos.FirstOrDefault(silo => silo.Identity.Id == chosen)
            ?? silos.FirstOrDefault(silo => !silo.IsSilent)
            ?? (silos.Count > 0 ? silos[0] : null);
    }

    private static IEnumerable<SiloSummary> Living(this ClusterReport cluster) => cluster.Silos.Where(s => !s.IsSilent);
}
