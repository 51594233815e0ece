using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SoupsActors.Clustering;

namespace SoupsActors.Client.Cluster;

/// <summary>This build runs all grains in the silo's own process; nobody else can call them but over HTTP.</summary>
internal static class ClusterConnection
{
    /// <summary>Whether this build can connect to a cluster.</summary>
    public static bool CanConnect => false;

    /// <exception cref="OptionsValidationException">Always.</exception>
    public static void Connect(IHostApplicationBuilder builder, ClusterOptions cluster) =>
        throw new OptionsValidationException(
            ClusterOptions.Section,
            typeof(ClusterOptions),
            [
                "This build runs all grains in one process, so there is no remote cluster to call grains of. Build with "
                    + "-p:ActorHost=Orleans, or call a silo over HTTP: services.AddSoupsClient().",
            ]);
}
