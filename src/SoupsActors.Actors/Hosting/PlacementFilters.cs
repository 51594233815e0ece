using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace SoupsActors.Actors;

/// <summary>Asks the placement filters of a grain class whether this process may hold its grains.</summary>
internal sealed class PlacementFilters(IServiceProvider services)
{
    private static readonly SiloAddress[] Here = [new OnlySilo().SiloAddress];

    private readonly ConcurrentDictionary<GrainClass, Filter[]> known = new();

    /// <exception cref="OrleansException">This process is none of those that may hold the grain.</exception>
    public void Require(GrainClass grainClass, GrainId grainId)
    {
        if (grainClass.PlacementFilters.Length == 0)
            return;
        IEnumerable<SiloAddress> silos = Here;
        foreach (var (strategy, director) in known.GetOrAdd(grainClass, Filters))
            silos = director.Filter(strategy, new PlacementTarget(grainId), silos);
        if (!silos.Any())
        {
            throw new OrleansException(
                $"No active nodes are compatible with grain {grainId}: its placement filters exclude this process, "
                + "which is all there is.");
        }
    }

    private Filter[] Filters(GrainClass grainClass) =>
    [
        .. from attribute in grainClass.PlacementFilters
           let filter = Filtered(grainClass, attribute)
           orderby filter.Strategy.Order
           select filter,
    ];

    private Filter Filtered(GrainClass grainClass, PlacementFilterAttribute attribute)
    {
        var type = attribute.PlacementFilterStrategy.GetType();
        var strategy = services.GetKeyedService<PlacementFilterStrategy>(type.Name);
        var director = services.GetKeyedService<IPlacementFilterDirector>(type);
        if (strategy is null || director is null)
        {
            throw new OrleansConfigurationException(
                $"The placement filter {type.Name} of {grainClass.Type} is not registered. Add it with "
                + "AddPlacementFilter.");
        }

        strategy.Initialize(
            attribute.PlacementFilterStrategy.Properties(services, grainClass.Type, grainClass.GrainType));
        return new Filter(strategy, director);
    }

    /// <summary>The process as the only silo there is.</summary>
    internal sealed class OnlySilo : ILocalSiloDetails
    {
        public string Name { get; } = $"{Environment.MachineName}:{Environment.ProcessId}";

        public SiloAddress SiloAddress { get; } = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 0), 0);
    }

    private sealed record Filter(PlacementFilterStrategy Strategy, IPlacementFilterDirector Director);
}
