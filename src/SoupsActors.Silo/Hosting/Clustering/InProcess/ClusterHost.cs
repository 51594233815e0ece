using Orleans.Hosting;
using SoupsActors.Clustering;

namespace SoupsActors.Silo.Hosting.Clustering;

/// <summary>The host of this build is one process; there is nobody to find.</summary>
internal static class ClusterHost
{
    /// <summary>Whether this build can join others.</summary>
    public static bool CanCluster => false;

    /// <summary>What the host itself measures; the grains' own are not among them.</summary>
    public static IReadOnlyList<string> Meters => [];

    /// <summary>Spans of the host itself.</summary>
    public static IReadOnlyList<string> Sources => [];

    /// <summary>Starts grains in this process.</summary>
    public static void UseSilo(this WebApplicationBuilder builder, ClusterOptions cluster, Action<ISiloBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        builder.UseOrleans(configure);
    }
}
