using Microsoft.Extensions.Options;
using Orleans.Configuration;
using SoupsActors.Grains.Storage;
using SoupsActors.Grains.Storage.PostgreSql;
using ClusterOptions = SoupsActors.Clustering.ClusterOptions;

namespace SoupsActors.Silo.Hosting.Clustering;

/// <summary>
/// The one place that knows where a list of silos can be kept, as <see cref="StorageProviders"/> is for state. A host
/// that brings another adds it before it builds the silo, and settings choose it by name.
/// </summary>
public static class ClusterProviders
{
    private const string OrleansProvider = "Orleans:Clustering:ProviderType";

    private static readonly Dictionary<string, Action<ISiloBuilder, ClusterOptions>> Known =
        new(StringComparer.OrdinalIgnoreCase)
        {
            [ClusterOptions.Localhost] = UseLocalhost,
            [ClusterOptions.AdoNet] = UseAdoNet,

            [ClusterOptions.Configuration] = FollowOrleans,
        };

    /// <summary>Adds another keeper of the list of silos.</summary>
    /// <param name="name">The name that <c>Soups:Cluster:Membership</c> takes.</param>
    /// <param name="configure">Sets it up.</param>
    public static void Add(string name, Action<ISiloBuilder, ClusterOptions> configure)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        Known.Add(name, configure);
    }

    internal static void Use(ISiloBuilder silo, ClusterOptions cluster)
    {
        if (!Known.TryGetValue(cluster.Membership, out var configure))
        {
            throw Wrong(
                $"{ClusterOptions.Section}:Membership is '{cluster.Membership}'; it must be one of "
                    + $"{string.Join(", ", Known.Keys)}.");
        }

        configure(silo, cluster);
    }

    private static void UseLocalhost(ISiloBuilder silo, ClusterOptions cluster) => silo.UseLocalhostClustering(
        cluster.SiloPort, cluster.GatewayPort, serviceId: cluster.ServiceId, clusterId: cluster.ClusterId);

    // Orleans reads its own section by itself, for every provider whose package is there. Without the section it would
    // miss a service, which names no setting.
    private static void FollowOrleans(ISiloBuilder silo, ClusterOptions cluster)
    {
        if (string.IsNullOrWhiteSpace(silo.Configuration[OrleansProvider]))
        {
            throw Wrong(
                $"{OrleansProvider} is missing; membership by {ClusterOptions.Configuration} needs it, such as Redis with "
                    + "Orleans:Clustering:ConnectionString.");
        }
    }

    private static void UseAdoNet(ISiloBuilder silo, ClusterOptions cluster)
    {
        var connection = cluster.ConnectionString ?? silo.Configuration["Soups:Storage:ConnectionString"] ?? throw Wrong(
            $"{ClusterOptions.Section}:ConnectionString is missing, and so is Soups:Storage:ConnectionString; membership by "
                + $"{ClusterOptions.AdoNet} needs one of them, such as Host=db;Database=soups;Username=soups;Password=….");
        var bounded = Bounded(connection, cluster.MaxConnections);

        // Hosted services start in the order of their registration: the tables must be there before the silo joins.
        silo.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(services => new ClusterTables(
            bounded,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<ClusterTables>>())));
        silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", bounded));
    }

    // Npgsql's own limit is 100 connections for each connection string, which is all that a server has by default.
    private static string Bounded(string connection, int most)
    {
        try
        {
            var builder = PostgreSqlConnections.Read(connection);
            (builder.MaxPoolSize, builder.ApplicationName) = (most, "soups-membership");
            builder.MinPoolSize = Math.Min(builder.MinPoolSize, most);
            return builder.ConnectionString;
        }
        catch (ArgumentException error)
        {
            throw Wrong($"{ClusterOptions.Section}:ConnectionString cannot be read: {error.Message}");
        }
    }

    internal static OptionsValidationException Wrong(string failure) =>
        new(ClusterOptions.Section, typeof(ClusterOptions), [failure]);
}
