#if ORLEANS
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using SoupsActors.Silo.Hosting;
using SoupsActors.Silo.Hosting.Clustering;
using SoupsActors.Testing.PostgreSql;

namespace SoupsActors.Silo.Tests;

/// <summary>The list of silos in PostgreSQL, and who may create it.</summary>
public sealed class ClusterTablesTests : IAsyncLifetime
{
    private PostgreSqlServer server = null!;
    private string owner = null!;
    private string limited = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await PostgreSqlServer.StartAsync();
        owner = await server.CreateDatabaseAsync();
        await ExecuteAsync("CREATE ROLE limited LOGIN PASSWORD 'x'; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        limited = new NpgsqlConnectionStringBuilder(owner) { Username = "limited", Password = "x" }.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }

    [Fact]
    public async Task a_user_that_may_not_create_tables_goes_on_from_where_the_owner_started_once()
    {
        Assert.Contains("Grant CREATE on the schema", await RefusalAsync(limited), StringComparison.Ordinal);
        await StartAsync(owner);
        Assert.Contains("Grant SELECT on OrleansQuery", await RefusalAsync(limited), StringComparison.Ordinal);
        await ExecuteAsync("GRANT SELECT ON OrleansQuery TO limited");
        Assert.Contains("OrleansMembershipTable", await RefusalAsync(limited), StringComparison.Ordinal);
        await ExecuteAsync(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON OrleansMembershipVersionTable, OrleansMembershipTable TO limited");
        await StartAsync(limited);
    }

    [Theory]
    [InlineData("UPDATE OrleansQuery SET QueryText = 'of another version' WHERE QueryKey = 'GatewaysQueryKey'")]
    [InlineData("DELETE FROM OrleansQuery WHERE QueryKey = 'GatewaysQueryKey'")]
    public async Task queries_of_another_version_are_replaced_by_those_who_may(string change)
    {
        await StartAsync(owner);
        await ExecuteAsync("GRANT ALL ON ALL TABLES IN SCHEMA public TO limited");
        await ExecuteAsync("REVOKE INSERT, UPDATE ON OrleansQuery FROM limited");
        var before = await QueriesAsync();
        await ExecuteAsync(change);
        Assert.Contains("owner's connection string", await RefusalAsync(limited), StringComparison.Ordinal);
        await ExecuteAsync("GRANT INSERT, UPDATE ON OrleansQuery TO limited");
        await StartAsync(limited);
        Assert.Equal(before, await QueriesAsync());
    }

    [Fact]
    public async Task silos_that_start_at_once_create_the_tables_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => StartAsync(owner)));
        Assert.Contains("MembershipReadAllKey", await QueriesAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Orleans_connects_with_the_bounds_and_defaults_of_this_program()
    {
        await using var app = SoupsHost.Build(
        [
            "--Soups:Cluster:Membership=AdoNet", "--Soups:Storage:Provider=PostgreSql",
            $"--Soups:Storage:ConnectionString={owner}",
        ]);
        var used = new NpgsqlConnectionStringBuilder(
            app.Services.GetRequiredService<IOptions<AdoNetClusteringSiloOptions>>().Value.ConnectionString);
        Assert.Equal(
            (4, "soups-membership", GssEncryptionMode.Disable),
            (used.MaxPoolSize, used.ApplicationName, used.GssEncryptionMode));
    }

    private static Task StartAsync(string connection) => new ClusterTables(
        connection, TimeProvider.System, NullLogger<ClusterTables>.Instance).StartAsync(Cancellation);

    private static async Task<string> RefusalAsync(string connection) =>
        (await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(connection))).Message;

    private Task ExecuteAsync(string sql) =>
        server.ExecuteAsync(sql, new NpgsqlConnectionStringBuilder(owner).Database!);

    private async Task<string> QueriesAsync()
    {
        await using var connection = new NpgsqlConnection(owner);
        await connection.OpenAsync(Cancellation);
        await using var all = new NpgsqlCommand(
            "SELECT string_agg(QueryKey || QueryText, '' ORDER BY QueryKey) FROM OrleansQuery", connection);
        return (string)(await all.ExecuteScalarAsync(Cancellation))!;
    }
}
#endif
