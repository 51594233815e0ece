using Npgsql;
using SoupsActors.Testing.PostgreSql;

[assembly: AssemblyFixture(typeof(PostgreSqlFixture))]

namespace SoupsActors.Grains.Tests.Storage;

public sealed class PostgreSqlServerTests
{
    [Fact]
    public async Task a_server_keeps_its_data_and_its_port_over_a_crash()
    {
        await using var server = await PostgreSqlServer.StartAsync();
        var database = await server.CreateDatabaseAsync();
        await ExecuteAsync(database, "CREATE TABLE kept AS SELECT 42 AS answer");
        await server.KillAsync();
        await Assert.ThrowsAsync<NpgsqlException>(() => ExecuteAsync(database, "SELECT 1"));

        await server.StartAgainAsync();
        Assert.Equal(42, await ExecuteAsync(database, "SELECT answer FROM kept"));
    }

    private static async Task<object?> ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
