using Orleans.Metadata;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace SoupsActors.Grains.Placement;

/// <summary>
/// Places grains on silos with a role. Where it is <see cref="Required"/> and no silo has the role, calls fail; otherwise
/// any silo will do until one with the role is there.
/// </summary>
internal sealed class RolePlacementAttribute(SiloRoles role, bool required)
    : PlacementFilterAttribute(new RolePlacementStrategy(role, required))
{
    public SiloRoles Role { get; } = role;

    public bool Required { get; } = required;
}

/// <summary>A role, and whether it is a wish or a condition.</summary>
/// <remarks>
/// Orleans' own filters compare silos with the one that calls, which says nothing about what a silo can do.
/// </remarks>
internal sealed class RolePlacementStrategy(SiloRoles role, bool required) : PlacementFilterStrategy(order: 1)
{
    public RolePlacementStrategy()
        : this(SiloRoles.None, required: false)
    {
    }

    public string Role { get; private set; } = SiloRolesText.Format(role);

    public bool Required { get; private set; } = required;

    public override void AdditionalInitialize(GrainProperties properties)
    {
        Role = GetPlacementFilterGrainProperty("role", properties) ?? "";
        Required = GetPlacementFilterGrainProperty("required", properties) == bool.TrueString;
    }

    protected override IEnumerable<KeyValuePair<string, string>> GetAdditionalGrainProperties(
        IServiceProvider services,
        Type grainClass,
        GrainType grainType,
        IReadOnlyDictionary<string, string> existingProperties) =>
        [new("role", Role), new("required", Required.ToString())];
}

/// <summary>Looks for the role in what silos say of themselves.</summary>
internal sealed class RolePlacementDirector(SiloFacts facts) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(
        PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos)
    {
        var strategy = (RolePlacementStrategy)filterStrategy;
        var all = silos.ToArray();
        var fitting = Array.FindAll(all, silo => facts.Lists(silo, SiloFacts.Roles, strategy.Role));
        return fitting.Length == 0 && !strategy.Required ? all : fitting;
    }
}
