using SoupsActors.Cluster.Tests.Processes;
using SoupsActors.Testing;
using SoupsActors.Testing.PostgreSql;

namespace SoupsActors.Cluster.Tests;

/// <summary>What a silo says that cannot join because its settings are wrong, or nobody keeps the list of silos.</summary>
public sealed class WrongMembershipTests
{
    private const string Follow = "--Soups:Cluster:Membership=Configuration";
    private const string Nowhere = "127.0.0.1:1";

    [Theory]
    [InlineData("Orleans:Clustering:ProviderType is missing", Follow)]
    [InlineData("'Abacus'", Follow, "--Orleans:Clustering:ProviderType=Abacus")]
    [InlineData("-p:OrleansRedis=true", Follow, "--Orleans:Clustering:ProviderType=Abacus")]
    [InlineData("Soups:Cluster:Membership is 'Abacus'", "--Soups:Cluster:Membership=Abacus")]
    public async Task a_wrong_setting_is_named(string expected, params string[] settings)
    {
        SiloCluster.RequireOrleans();
        Assert.Contains(expected, await RunAsync(2, "Host=127.0.0.1", settings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_needs_a_connection_string()
    {
        RequireRedis();
        var said = await RunAsync(2, "Host=127.0.0.1", Follow, "--Orleans:Clustering:ProviderType=Redis");
        Assert.Contains("Wrong settings:", said, StringComparison.Ordinal);
        Assert.Contains("RedisClusteringOptions", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_Redis_that_is_away_is_an_error_of_the_start()
    {
        RequireRedis();
        await using var database = await PostgreSqlServer.StartAsync();
        var said = await RunAsync(
            1, await database.CreateDatabaseAsync(), Follow, "--Orleans:Clustering:ProviderType=Redis",
            $"--Orleans:Clustering:ConnectionString={Nowhere}");
        Assert.Contains(
            "The server cannot start: It was not possible to connect to the redis server", said, StringComparison.Ordinal);
    }

    private static void RequireRedis()
    {
        SiloCluster.RequireOrleans();
        Assert.SkipUnless(RedisServer.IsInBuild, "This build has no provider for Redis; build with -p:OrleansRedis=true.");
    }

    private static async Task<string> RunAsync(int code, string database, params string[] settings)
    {
        using var folder = new TemporaryFolder();
        await using var silo = new SiloProcess(
            "silo", folder.Path,
            [
                "--Soups:Storage:Provider=PostgreSql", $"--Soups:Storage:ConnectionString={database}", .. settings,
            ]);
        silo.Start();
        Assert.Equal(code, await silo.EndAsync(TestContext.Current.CancellationToken));
        return silo.LogTail();
    }
}
