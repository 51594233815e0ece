using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace SoupsActors.Grains.Placement;

/// <summary>Places a grain on the silo that has the device its key names.</summary>
internal sealed class DevicePlacementAttribute() : PlacementFilterAttribute(new DevicePlacementStrategy());

/// <summary>The device that a grain's key names.</summary>
internal sealed class DevicePlacementStrategy() : PlacementFilterStrategy(order: 2);

/// <summary>Looks for the device in what silos say of themselves.</summary>
internal sealed class DevicePlacementDirector(SiloFacts facts) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(
        PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos)
    {
        var device = target.GrainIdentity.Key.ToString()!;
        return silos.Where(silo => facts.Lists(silo, SiloFacts.Devices, device));
    }
}
