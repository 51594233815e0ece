using Orleans.Concurrency;

namespace SoupsActors.Cluster;

/// <summary>
/// Knows what every silo does. Silos report by themselves, rarely while nobody looks and often while somebody does, so
/// that nothing need be known of where they are. What is known is kept in memory only and told anew after a move.
/// </summary>
public interface IClusterGrain : IGrainWithStringKey
{
    /// <summary>The key of the only one.</summary>
    const string Key = "default";

    /// <summary>Takes a silo's report.</summary>
    /// <param name="report">What it did since its last one.</param>
    /// <param name="reporter">Called when somebody begins to look.</param>
    /// <returns>What to report next, and when.</returns>
    Task<ReportPlan> Report(SiloReport report, ISiloReporter reporter);

    /// <summary>All silos, and what they did in the last hour.</summary>
    Task<ClusterReport> Describe();

    /// <summary>How each silo is run; empty for those that have not told yet.</summary>
    Task<SiloDetails[]> Operations();
}

/// <summary>A silo's side of reporting.</summary>
public interface ISiloReporter : IGrainObserver
{
    /// <summary>Asks for a report now.</summary>
    [OneWay]
    Task Wake();
}

/// <summary>What a silo is to report next.</summary>
/// <param name="Pause">When.</param>
/// <param name="Details">Whether with <see cref="SiloReport.Details"/>.</param>
/// <param name="History">Whether with everything of the last hour.</param>
[GenerateSerializer, Immutable]
public sealed record ReportPlan(
    [property: Id(0)] TimeSpan Pause, [property: Id(1)] bool Details, [property: Id(2)] bool History);
