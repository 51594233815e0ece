using SoupsActors.Dashboard.Data.Mixes;
using SoupsActors.Experts;
using SoupsActors.Generation;
using SoupsActors.Preferences;

namespace SoupsActors.Dashboard.Data.Experts;

/// <summary>All preferences and experts at one moment.</summary>
/// <param name="Dimensions">The catalogue.</param>
/// <param name="Experts">All experts, sorted by id.</param>
/// <param name="Generators">The devices that answer, with what they hold.</param>
public sealed record ExpertShelf(
    IReadOnlyList<MixDimension> Dimensions,
    IReadOnlyList<ExpertDescriptor> Experts,
    IReadOnlyList<GeneratorReport> Generators)
{
    /// <summary>
    /// Uses of all experts together. A request counts once for each expert of its mix, so there are more uses than
    /// requests.
    /// </summary>
    public long Uses { get; } = Experts.Sum(expert => expert.Hits);

    /// <summary>Experts that no preference of the catalogue names.</summary>
    public IReadOnlyList<ExpertDescriptor> Others
    {
        get
        {
            var known = Dimensions.SelectMany(d => d.Poles).Select(p => p.ExpertId).ToHashSet(StringComparer.Ordinal);
            return [.. Experts.Where(expert => !known.Contains(expert.Id))];
        }
    }

    /// <summary>The expert with this id, or null.</summary>
    public ExpertDescriptor? Find(string id) => Experts.FirstOrDefault(expert => expert.Id == id);

    /// <summary>The preferences that lead to an expert.</summary>
    public IEnumerable<Preference> PreferencesOf(string expert) =>
        Dimensions.SelectMany(d => d.Poles).Where(p => p.ExpertId == expert);

    /// <summary>Keys of the devices that hold a version's weights.</summary>
    public IReadOnlyList<string> Holders(ExpertVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        return [.. Generators.Where(g => g.Load.Resident.Contains(version.Hash)).Select(g => g.Key)];
    }

    /// <summary>An expert's part of the uses of all experts; null where there were none.</summary>
    public double? ShareOfUses(ExpertDescriptor expert)
    {
        ArgumentNullException.ThrowIfNull(expert);
        return Uses == 0 ? null : (double)expert.Hits / Uses;
    }
}

/// <summary>Reads the shelf while somebody looks.</summary>
public sealed class ExpertShelfSource(IGrainFactory grains, TimeProvider clock)
    : LiveSource<ExpertShelf>(TimeSpan.FromSeconds(3), clock)
{
    /// <summary>What was read last, or null.</summary>
    public ExpertShelf? Latest { get; private set; }

    /// <inheritdoc/>
    protected override async Task<ExpertShelf> ReadAsync(CancellationToken cancellationToken)
    {
        var preferences = grains.GetGrain<IPreferenceCatalogGrain>(IPreferenceCatalogGrain.Key).List();
        var experts = grains.GetGrain<IExpertRegistryGrain>(IExpertRegistryGrain.Key).List();
        var generators = await grains.GetGrain<IGeneratorDirectoryGrain>(IGeneratorDirectoryGrain.Key).Exchange([]);
        return Latest = new ExpertShelf(MixDimension.Of(await preferences), await experts, generators.Generators);
    }
}
