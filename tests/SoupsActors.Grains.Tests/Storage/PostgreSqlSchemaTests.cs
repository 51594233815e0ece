using SoupsActors.Grains.Storage.PostgreSql;
using SoupsActors.Testing.PostgreSql;
using static SoupsActors.Grains.Tests.Storage.PostgreSqlDatabases;

namespace SoupsActors.Grains.Tests.Storage;

public sealed class PostgreSqlSchemaTests(PostgreSqlFixture fixture)
{
    [Fact]
    public async Task silos_that_start_at_once_create_the_tables_once()
    {
        var empty = await fixture.DatabaseAsync();
        var silos = Enumerable.Range(0, 6).Select(_ => Open(empty)).ToArray();
        await Task.WhenAll(silos.Select(silo => silo.PrepareAsync(TestContext.Current.CancellationToken)));
        foreach (var silo in silos)
        {
            Assert.Equal(1, await NumberAsync(silo, "SELECT count(*) FROM soups_schema WHERE version >= 1"));
            silo.Dispose();
        }
    }

    [Fact]
    public async Task a_start_with_tables_that_are_there_changes_nothing()
    {
        using var database = await fixture.CreateAsync();
        await ExecuteAsync(database, "UPDATE soups_feedback_head SET position = 17");
        await database.PrepareAsync(TestContext.Current.CancellationToken);
        Assert.Equal(17, await NumberAsync(database, "SELECT position FROM soups_feedback_head"));
    }

    [Fact]
    public async Task a_program_goes_on_beside_a_newer_one_that_says_it_may()
    {
        using var database = await fixture.CreateAsync();
        await ExecuteAsync(database, "UPDATE soups_schema SET version = 99");
        await database.PrepareAsync(TestContext.Current.CancellationToken);
        Assert.Equal(99, await NumberAsync(database, "SELECT version FROM soups_schema"));

        await ExecuteAsync(database, "UPDATE soups_schema SET oldest_user = 98");
        Assert.Contains("newer program", await RefusalAsync(database), StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_user_without_the_right_to_create_tables_is_told_so()
    {
        var server = await fixture.ServerAsync();
        var (database, limited) = await LimitedUserAsync(server);
        using var refused = Open(limited);
        Assert.Contains("may not create or change tables", await RefusalAsync(refused), StringComparison.Ordinal);

        // The owner starts once; after that the rights to read and write are all that is needed.
        using var owner = Open(server.ConnectionString(database));
        await owner.PrepareAsync(TestContext.Current.CancellationToken);
        Assert.Contains("too few rights", await RefusalAsync(refused), StringComparison.Ordinal);
        await server.ExecuteAsync($"GRANT SELECT ON soups_schema TO limited_{database}", database);
        var missing = await RefusalAsync(refused);
        Assert.Contains("soups_grain_state", missing, StringComparison.Ordinal);
        await server.ExecuteAsync($"GRANT ALL ON ALL TABLES IN SCHEMA public TO limited_{database}", database);
        await refused.PrepareAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task a_wrong_password_is_refused_at_once_and_is_not_repeated()
    {
        var server = await fixture.ServerAsync();
        using var database = Open(
            server.ConnectionString("postgres").Replace(PostgreSqlServer.Password, "wrong horse", StringComparison.Ordinal),
            startTimeout: TimeSpan.FromHours(1));
        var message = await RefusalAsync(database);
        Assert.Contains("does not let user 'soups' in", message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong horse", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_database_that_does_not_exist_is_named()
    {
        using var database = Open((await fixture.ServerAsync()).ConnectionString("nowhere"));
        Assert.Contains("has no database 'nowhere'", await RefusalAsync(database), StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_server_that_does_not_answer_is_named()
    {
        using var database = Open("Host=127.0.0.1;Port=9;Username=soups;Database=soups");
        Assert.Contains("127.0.0.1:9 cannot be reached", await RefusalAsync(database), StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_start_waits_for_a_server_that_comes_up_later()
    {
        await using var server = await PostgreSqlServer.StartAsync();
        var connectionString = await server.CreateDatabaseAsync();
        await server.StopAsync();
        using var database = Open(connectionString, startTimeout: TimeSpan.FromHours(1));
        var preparing = database.PrepareAsync(TestContext.Current.CancellationToken);
        await server.StartAgainAsync();
        await preparing;
        Assert.Equal(PostgreSqlSchema.Version, await NumberAsync(database, "SELECT version FROM soups_schema"));
    }

    [Fact]
    public void a_server_that_is_too_old_is_refused()
    {
        PostgreSqlSchema.RequireServer(PostgreSqlSchema.OldestServer);
        var error = Assert.Throws<InvalidOperationException>(() => PostgreSqlSchema.RequireServer(new Version(12, 22)));
        Assert.Contains("12.22", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "is missing")]
    [InlineData("Password=secret", "names no Host")]
    [InlineData("Host=db;Nonsense=secret", "cannot be read")]
    [InlineData("Host=db;Port=secret", "cannot be read")]
    public void a_wrong_connection_string_is_explained_without_repeating_it(string? text, string expected)
    {
        var problem = PostgreSqlDatabase.Problem(text);
        Assert.StartsWith(expected, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
    }

    private static async Task<(string Database, string ConnectionString)> LimitedUserAsync(PostgreSqlServer server)
    {
        var all = new Npgsql.NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync());
        await server.ExecuteAsync(
            $"CREATE ROLE limited_{all.Database} LOGIN PASSWORD 'x'; REVOKE CREATE ON SCHEMA public FROM PUBLIC", all.Database!);
        return (all.Database!, new Npgsql.NpgsqlConnectionStringBuilder(all.ToString())
        {
            Username = $"limited_{all.Database}",
            Password = "x",
        }.ToString());
    }

    private static async Task<string> RefusalAsync(PostgreSqlDatabase database) =>
        (await Assert.ThrowsAsync<InvalidOperationException>(
            () => database.PrepareAsync(TestContext.Current.CancellationToken))).Message;

    private static Task<int> ExecuteAsync(PostgreSqlDatabase database, string sql) =>
        database.RunAsync(connection => connection.ExecuteAsync(sql));

    private static Task<long> NumberAsync(PostgreSqlDatabase database, string sql) =>
        database.RunAsync(async connection => (await connection.QueryAsync(
            sql, row => Convert.ToInt64(row.GetValue(0), System.Globalization.CultureInfo.InvariantCulture)))[0]);
}
