using SoupsActors.Grains.Storage.PostgreSql;
using SoupsActors.Testing.PostgreSql;

namespace SoupsActors.Grains.Tests.Storage;

public sealed class DatabaseClaimTests(PostgreSqlFixture fixture)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("soups/one", "soups/one", true)]
    [InlineData("soups/one", "soups/two", false)]
    [InlineData("soups/one", null, false)]
    [InlineData(null, "soups/one", false)]
    [InlineData(null, null, false)]
    public async Task only_silos_of_one_cluster_go_together(string? first, string? second, bool go)
    {
        using var database = PostgreSqlDatabases.Open(await fixture.DatabaseAsync());
        await using var early = new DatabaseClaim(database, first);
        await using var late = new DatabaseClaim(database, second);
        Assert.True(await early.TryTakeAsync(Cancelled));
        Assert.Equal(go, await late.TryTakeAsync(Cancelled));
        if (first is not null && second is not null && !go)
            Assert.StartsWith($"The cluster {first} uses the database", late.Refusal, StringComparison.Ordinal);

        await early.DisposeAsync();
        await UntilTakenAsync(late);
    }

    [Fact]
    public async Task a_refusal_names_the_database_and_what_to_do_and_no_password()
    {
        using var database = PostgreSqlDatabases.Open("Host=db;Database=soups;Username=cook;Password=secret");
        await using var alone = new DatabaseClaim(database, cluster: null);
        await using var shared = new DatabaseClaim(database, cluster: "soups/one");
        foreach (var refusal in (string[])[alone.Refusal, shared.Refusal])
        {
            Assert.Contains("'soups' of PostgreSQL at db:5432", refusal, StringComparison.Ordinal);
            Assert.Contains("Soups:Storage:ConnectionString", refusal, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", refusal, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task systems_in_schemas_of_their_own_do_not_meet()
    {
        using var one = PostgreSqlDatabases.Open(await fixture.DatabaseAsync());
        using var two = PostgreSqlDatabases.Open(await fixture.DatabaseAsync());
        await using var first = new DatabaseClaim(one, cluster: null);
        await using var second = new DatabaseClaim(two, cluster: null);
        Assert.True(await first.TryTakeAsync(Cancelled));
        Assert.True(await second.TryTakeAsync(Cancelled));
    }

    [Fact]
    public async Task a_claim_is_lost_with_its_connection_and_can_be_taken_again()
    {
        var server = await fixture.ServerAsync();
        var connectionString = await server.CreateDatabaseAsync();
        using var database = PostgreSqlDatabases.Open(connectionString);
        await using var claim = new DatabaseClaim(database, cluster: null);
        Assert.False(await claim.HoldsAsync(Cancelled));
        Assert.True(await claim.TryTakeAsync(Cancelled));
        Assert.True(await claim.HoldsAsync(Cancelled));

        await server.EndSessionsAsync(connectionString);
        Assert.False(await claim.HoldsAsync(Cancelled));
        await UntilTakenAsync(claim);
        Assert.True(await claim.HoldsAsync(Cancelled));
    }

    // A session's locks are gone only once the server has noticed its end.
    private static async Task UntilTakenAsync(DatabaseClaim claim)
    {
        while (!await claim.TryTakeAsync(Cancelled))
            await Task.Yield();
    }
}
