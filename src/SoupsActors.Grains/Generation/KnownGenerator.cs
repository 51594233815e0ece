using SoupsActors.Generation;
using SoupsActors.Placement;

namespace SoupsActors.Grains.Generation;

/// <summary>A generator as its last report shows it, ready to be looked up in.</summary>
/// <param name="report">Its last report.</param>
/// <param name="isLocal">Whether it is in this process, so that the report is of this moment.</param>
public sealed class KnownGenerator(GeneratorReport report, bool isLocal)
{
    private readonly HashSet<string>? resident = isLocal ? null : new(report.Load.Resident, StringComparer.Ordinal);
    private readonly ulong number = ExpertHomes.NumberOf(report.Key);

    /// <summary>The report.</summary>
    public GeneratorReport Report => report;

    /// <summary>The generator's key.</summary>
    public string Key => report.Key;

    /// <summary>Whether it is in this process.</summary>
    public bool IsLocal => isLocal;

    /// <summary>Whether the content is on the device.</summary>
    public bool Holds(string hash) => resident?.Contains(hash) ?? report.Load.Resident.Contains(hash);

    /// <summary>How strongly an expert belongs here.</summary>
    public double Score(ulong expert) => ExpertHomes.Score(expert, number, report.Load.Slots);
}
