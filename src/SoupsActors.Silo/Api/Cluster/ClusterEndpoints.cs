using SoupsActors.Cluster;
using SoupsActors.Silo.Api.OpenAi;
using SoupsActors.Silo.Http;

namespace SoupsActors.Silo.Api.Cluster;

/// <summary>/v1/cluster: what the dashboard shows of the cluster, for anyone.</summary>
internal static class ClusterEndpoints
{
    public static void MapCluster(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/cluster").WithAccess(AccessPolicy.Key).WithTags("Cluster");
        group.MapGet("", (IGrainFactory grains) => Grain(grains).Describe())
            .WithSummary("All silos, what they do, and figures of serving over the last minute and hour.");
        group.MapGet("/operations", async (IGrainFactory grains) =>
                new ListBody<SiloDetails>(await Grain(grains).Operations()))
            .WithSummary("Settings, health, grain methods, log, storage and licences of the silos that have told.");
    }

    private static IClusterGrain Grain(IGrainFactory grains) => grains.GetGrain<IClusterGrain>(IClusterGrain.Key);
}
