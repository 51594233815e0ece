using System.Net;

namespace Orleans.Hosting;

/// <summary>Clustering.</summary>
public static class CoreHostingExtensions
{
    /// <summary>
    /// Does nothing: this host is one process and opens no ports. Kept so that set-up code compiles on both hosts.
    /// </summary>
    public static ISiloBuilder UseLocalhostClustering(
        this ISiloBuilder builder,
        int siloPort = 11111,
        int gatewayPort = 30000,
        IPEndPoint? primarySiloEndpoint = null,
        string serviceId = "dev",
        string clusterId = "dev") => builder;
}
