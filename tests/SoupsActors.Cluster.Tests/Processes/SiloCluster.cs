using System.Globalization;
using SoupsActors.Testing;
using SoupsActors.Testing.PostgreSql;

namespace SoupsActors.Cluster.Tests.Processes;

/// <summary>Silos of one cluster on this machine, and the PostgreSQL server that keeps their state.</summary>
internal sealed class SiloCluster : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, SiloProcess> silos = [];
    private readonly string[] common;

    private SiloCluster(PostgreSqlServer database, string connection, string[] common)
    {
        (Database, Connection) = (database, connection);
        this.common = common;
    }

    public PostgreSqlServer Database { get; }

    /// <summary>How the database of the silos is reached.</summary>
    public string Connection { get; }

    public IEnumerable<SiloProcess> Silos => silos.Values;

    public SiloProcess this[string name] => silos[name];

    /// <summary>
    /// Starts a database and then silos beside it, each with its roles; skips the test where this build cannot form
    /// clusters or PostgreSQL is missing.
    /// </summary>
    public static async Task<SiloCluster> StartAsync(
        IEnumerable<(string Name, string Roles)> members, CancellationToken cancellationToken, params string[] settings)
    {
        RequireOrleans();
        var database = await PostgreSqlServer.StartAsync();
        var cluster = new SiloCluster(database, await database.CreateDatabaseAsync(), settings);
        try
        {
            foreach (var (name, roles) in members)
                cluster.Add(name, roles);
            string[] peers =
            [
                .. cluster.Silos.Select((silo, i) =>
                    string.Create(CultureInfo.InvariantCulture, $"--Soups:ExpertFiles:Peers:{i}={silo.Url}")),
            ];
            foreach (var silo in cluster.Silos)
                silo.Start(peers);
            foreach (var silo in cluster.Silos)
                await silo.ReadyAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>A silo on its own with embedded storage: what a cluster's answers are compared with.</summary>
    public static async Task<SiloProcess> StartSingleAsync(
        TemporaryFolder folder, CancellationToken cancellationToken, params string[] settings)
    {
        var single = new SiloProcess("single", folder.Path, settings);
        single.Start();
        await single.ReadyAsync(cancellationToken);
        return single;
    }

    public static void RequireOrleans()
    {
#if !ORLEANS
        Assert.Skip("Several silos need the build with -p:ActorHost=Orleans, whose packages not every source has.");
#endif
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in silos.Values)
            await silo.DisposeAsync();
        await Database.DisposeAsync();
        folder.Dispose();
    }

    private void Add(string name, string roles) => silos.Add(name, new SiloProcess(
        name,
        folder.Path,
        [
            $"--Soups:Name={name}",
            $"--Soups:Roles={roles}",
            "--Soups:Cluster:Membership=AdoNet",
            "--Soups:Storage:Provider=PostgreSql",
            $"--Soups:Storage:ConnectionString={Connection}",
            .. common,
        ]));
}
