using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace SoupsActors.Grains.Placement;

/// <summary>What this silo says of itself.</summary>
internal sealed record OwnFacts(IReadOnlyDictionary<string, string> Values);

/// <summary>
/// What silos say of themselves to those that place grains. Others' words take a moment to arrive after they join, and
/// so would this silo's own, which are therefore not asked for.
/// </summary>
internal sealed class SiloFacts(ISiloMetadataCache others, ILocalSiloDetails here, OwnFacts own)
{
    public const string Roles = "soups.roles";
    public const string Devices = "soups.devices";

    /// <summary>Whether a silo's list of this name holds a word.</summary>
    public bool Lists(SiloAddress silo, string name, string word)
    {
        var facts = silo.Equals(here.SiloAddress) ? own.Values : others.GetSiloMetadata(silo).Metadata;
        return facts.TryGetValue(name, out var list) && list.Split(',').Contains(word, StringComparer.Ordinal);
    }
}

/// <summary>Tells the cluster what a silo does.</summary>
public static class PlacementSiloBuilderExtensions
{
    /// <summary>
    /// Names the silo's roles and devices, by which grains find their silos. Every silo calls it, once.
    /// </summary>
    /// <param name="silo">The silo.</param>
    /// <param name="roles">What it does.</param>
    /// <param name="devices">
    /// Keys of its generators, unique in the cluster; none where it has not the role, and
    /// <see cref="SoupsActors.Generation.GeneratorKeys.Default"/> alone in a single process.
    /// </param>
    public static ISiloBuilder AddSoupsPlacement(this ISiloBuilder silo, SiloRoles roles, params string[] devices)
    {
        ArgumentNullException.ThrowIfNull(silo);
        var facts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [SiloFacts.Roles] = SiloRolesText.Format(roles),
            [SiloFacts.Devices] = string.Join(',', devices),
        };
        silo.UseSiloMetadata(facts);
        silo.Services.AddSingleton(new OwnFacts(facts));
        silo.Services.AddSingleton<SiloFacts>();
        silo.Services.AddPlacementFilter<RolePlacementStrategy, RolePlacementDirector>(ServiceLifetime.Transient);
        silo.Services.AddPlacementFilter<DevicePlacementStrategy, DevicePlacementDirector>(ServiceLifetime.Transient);
        return silo;
    }
}
