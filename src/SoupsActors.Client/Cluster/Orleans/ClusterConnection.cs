using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Hosting;
using ClusterOptions = SoupsActors.Clustering.ClusterOptions;

namespace SoupsActors.Client.Cluster;

/// <summary>Connects to a cluster of Orleans.</summary>
internal static class ClusterConnection
{
    private const string OrleansProvider = "Orleans:Clustering:ProviderType";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Whether this build can connect to a cluster.</summary>
    public static bool CanConnect => true;

    public static void Connect(IHostApplicationBuilder builder, ClusterOptions cluster)
    {
        try
        {
            builder.UseOrleansClient(client => Configure(client, cluster));
        }
        catch (InvalidOperationException error) when (FollowsOrleans(cluster))
        {
            throw Wrong($"Membership: the section Orleans cannot be followed: {error.Message}");
        }
    }

    private static void Configure(IClientBuilder client, ClusterOptions cluster)
    {
        client.Configure<Orleans.Configuration.ClusterOptions>(to =>
            (to.ClusterId, to.ServiceId) = (cluster.ClusterId, cluster.ServiceId));

        // A cluster that starts together with its clients is there a little later than they are.
        client.UseConnectionRetryFilter(static async (_, cancellationToken) =>
        {
            await Task.Delay(Pause, cancellationToken);
            return true;
        });
        FindSilos(client, cluster);
    }

    private static void FindSilos(IClientBuilder client, ClusterOptions cluster)
    {
        if (!cluster.IsCluster)
        {
            client.UseLocalhostClustering(cluster.GatewayPort, cluster.ServiceId, cluster.ClusterId);
        }
        else if (string.Equals(cluster.Membership, ClusterOptions.AdoNet, StringComparison.OrdinalIgnoreCase))
        {
            var connection = Bounded(Connection(client, cluster), cluster.MaxConnections);
            client.UseAdoNetClustering(
                to => (to.Invariant, to.ConnectionString) = ("Npgsql", connection));
        }
        else if (FollowsOrleans(cluster))
        {
            if (string.IsNullOrWhiteSpace(client.Configuration[OrleansProvider]))
            {
                throw Wrong(
                    $"Membership is {ClusterOptions.Configuration}, but {OrleansProvider} is missing, such as Redis "
                    + "with Orleans:Clustering:ConnectionString.");
            }
        }
        else
        {
            throw Wrong(
                $"Membership is '{cluster.Membership}'; a client knows {ClusterOptions.Localhost}, "
                + $"{ClusterOptions.AdoNet} and {ClusterOptions.Configuration}, where Orleans reads its own section. "
                + "Connect with UseOrleansClient otherwise, and add AddSoupsCluster.");
        }
    }

    private static bool FollowsOrleans(ClusterOptions cluster) =>
        string.Equals(cluster.Membership, ClusterOptions.Configuration, StringComparison.OrdinalIgnoreCase);

    private static string Bounded(string connection, int most)
    {
        try
        {
            var builder = new NpgsqlConnectionStringBuilder(connection)
            {
                MaxPoolSize = most,
                ApplicationName = "soups-client",
            };

            // As silos do: Npgsql tries Kerberos first, which costs a second attempt where its library is missing.
            if (!builder.ShouldSerialize("GSS Encryption Mode")
                && Environment.GetEnvironmentVariable("PGGSSENCMODE") is null)
                builder.GssEncryptionMode = GssEncryptionMode.Disable;
            return builder.ConnectionString;
        }
        catch (ArgumentException error)
        {
            throw Wrong($"ConnectionString cannot be read: {error.Message}");
        }
    }

    private static string Connection(IClientBuilder client, ClusterOptions cluster) =>
        cluster.ConnectionString ?? client.Configuration["Soups:Storage:ConnectionString"] ?? throw Wrong(
            $"ConnectionString is missing; membership by {ClusterOptions.AdoNet} needs it, such as "
            + "Host=db;Database=soups;Username=soups;Password=….");

    private static OptionsValidationException Wrong(string failure) => new(
        ClusterOptions.Section, typeof(ClusterOptions), [$"{ClusterOptions.Section}:{failure}"]);
}
