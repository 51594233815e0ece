using System.Net;
using Orleans.Configuration;
using ClusterOptions = SoupsActors.Clustering.ClusterOptions;

namespace SoupsActors.Silo.Hosting.Clustering;

/// <summary>Starts this process as one silo of Orleans.</summary>
internal static class ClusterHost
{
    /// <summary>Whether this build can join others.</summary>
    public static bool CanCluster => true;

    /// <summary>What Orleans measures: calls, activations, membership, storage.</summary>
    public static IReadOnlyList<string> Meters => ["Microsoft.Orleans"];

    /// <summary>Spans of grain calls, and of what Orleans does for them.</summary>
    public static IReadOnlyList<string> Sources => ["Microsoft.Orleans.Application", "Microsoft.Orleans.Runtime"];

    /// <summary>Starts grains as part of the cluster that the settings name.</summary>
    public static void UseSilo(this WebApplicationBuilder builder, ClusterOptions cluster, Action<ISiloBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        try
        {
            builder.UseOrleans(silo => Configure(silo, cluster, configure));
        }
        catch (InvalidOperationException error) when (cluster.Membership.Equals(
            ClusterOptions.Configuration, StringComparison.OrdinalIgnoreCase))
        {
            // A section of Orleans' own that names what this build has no package for.
            throw ClusterProviders.Wrong(
                $"The section Orleans cannot be followed: {error.Message} Redis is in builds with -p:OrleansRedis=true.");
        }
    }

    private static void Configure(ISiloBuilder silo, ClusterOptions cluster, Action<ISiloBuilder> configure)
    {
        silo.Configure<Orleans.Configuration.ClusterOptions>(to =>
            (to.ClusterId, to.ServiceId) = (cluster.ClusterId, cluster.ServiceId));
        silo.Configure<ClusterMembershipOptions>(to =>
        {
            to.ProbeTimeout = cluster.ProbeTimeout;
            to.NumMissedProbesLimit = 2;
            to.TableRefreshTimeout = TimeSpan.FromSeconds(30);
        });
        ClusterProviders.Use(silo, cluster);
        if (cluster.IsCluster)
            silo.Configure<EndpointOptions>(to => Listen(to, cluster));
        UseKubernetes(silo, cluster);
        if (Telemetry.IsAskedFor(silo.Configuration))
            silo.AddActivityPropagation();
        configure(silo);
    }

    private static void Listen(EndpointOptions endpoints, ClusterOptions cluster)
    {
        (endpoints.SiloPort, endpoints.GatewayPort) = (cluster.SiloPort, cluster.GatewayPort);

        // On Kubernetes the pod has one, and it is listened on.
        if (cluster.AdvertisedAddress is not { } address)
            return;
        endpoints.AdvertisedIPAddress = IPAddress.Parse(address);

        // Behind address translation the advertised address is not the machine's own, so all of them are listened on;
        // a silo that is told to be at the loopback address shall not be reached from elsewhere.
        if (IPAddress.IsLoopback(endpoints.AdvertisedIPAddress))
            return;
        endpoints.SiloListeningEndpoint = new IPEndPoint(IPAddress.Any, cluster.SiloPort);
        if (cluster.GatewayPort != 0)
            endpoints.GatewayListeningEndpoint = new IPEndPoint(IPAddress.Any, cluster.GatewayPort);
    }

    private static void UseKubernetes(ISiloBuilder silo, ClusterOptions cluster)
    {
        if (!cluster.Kubernetes)
            return;
#if ORLEANS_KUBERNETES
        silo.UseKubernetesHosting();
#else
        throw ClusterProviders.Wrong(
            $"{ClusterOptions.Section}:Kubernetes is set, but this build has no Kubernetes hosting; build it with "
                + "-p:OrleansKubernetes=true.");
#endif
    }
}
