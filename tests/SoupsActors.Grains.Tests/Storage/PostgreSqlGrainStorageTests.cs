using Orleans.Runtime;
using Orleans.Storage;
using SoupsActors.Grains.Storage.PostgreSql;
using SoupsActors.Testing.Conformance;
using SoupsActors.Testing.PostgreSql;

namespace SoupsActors.Grains.Tests.Storage;

public sealed class PostgreSqlGrainStorageTests(PostgreSqlFixture server) : GrainStorageConformance, IAsyncLifetime
{
    private readonly Dictionary<int, PostgreSqlDatabase> open = [];
    private readonly HashSet<int> begun = [];
    private string connectionString = "";

    public async ValueTask InitializeAsync() => connectionString = await server.DatabaseAsync();

    public ValueTask DisposeAsync()
    {
        foreach (var database in open.Values)
            database.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override bool IsDurable => true;

    protected override async Task<IGrainStorage> OpenAsync(int run)
    {
        var database = open[run] = PostgreSqlDatabases.Open(connectionString);
        await database.PrepareAsync();
        if (begun.Add(run))
            await database.RunAsync(connection => connection.ExecuteAsync("DELETE FROM soups_grain_state"));
        return new PostgreSqlGrainStorage(database);
    }

    protected override Task CloseAsync(int run)
    {
        if (open.Remove(run, out var database))
            database.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task many_writes_at_once_share_transactions_and_each_gets_its_own_answer()
    {
        using var database = await server.CreateAsync();
        var storage = new PostgreSqlGrainStorage(database);
        var states = Enumerable.Range(0, 400).Select(_ => new GrainState<StoredNote>(new StoredNote())).ToArray();
        var before = await TransactionsAsync(database);
        await Task.WhenAll(states.Select((state, i) => storage.WriteStateAsync("note", Grain(i), state)));

        // Half of the second writes come from somebody who has not read the first.
        foreach (var stale in states.Where((_, i) => i % 2 == 1))
            stale.ETag = "outdated";
        var refused = 0;
        await Task.WhenAll(states.Select(async (state, i) =>
        {
            try
            {
                state.State = new StoredNote { Value = i };
                await storage.WriteStateAsync("note", Grain(i), state);
            }
            catch (InconsistentStateException error)
            {
                Interlocked.Increment(ref refused);
                Assert.NotNull(error.StoredEtag);
            }
        }));
        Assert.Equal(200, refused);
        Assert.InRange(await TransactionsAsync(database) - before, 2, 100);
        for (var i = 0; i < states.Length; i++)
        {
            var read = new GrainState<StoredNote>();
            await storage.ReadStateAsync("note", Grain(i), read);
            Assert.Equal(i % 2 == 0 ? i : new StoredNote().Value, read.State!.Value);
        }
    }

    [Fact]
    public async Task a_state_that_the_database_refuses_fails_alone()
    {
        using var database = await server.CreateAsync();
        var storage = new PostgreSqlGrainStorage(database);
        var writes = Enumerable.Range(0, 20)
            .Select(i => storage.WriteStateAsync(
                i == 7 ? "a name with \0" : "note", Grain(i), new GrainState<StoredNote>(new StoredNote())))
            .ToArray();
        await Assert.ThrowsAnyAsync<Exception>(() => writes[7]);
        await Task.WhenAll(writes.Where((_, i) => i != 7));
    }

    [Fact]
    public async Task texts_with_a_null_character_are_kept()
    {
        using var database = await server.CreateAsync();
        var storage = new PostgreSqlGrainStorage(database);
        await storage.WriteStateAsync("note", Grain(1), new GrainState<StoredNote>(new StoredNote { Text = "a\0b 😀" }));
        var read = new GrainState<StoredNote>();
        await storage.ReadStateAsync("note", Grain(1), read);
        Assert.Equal("a\0b 😀", read.State!.Text);
    }

    private static GrainId Grain(int i) => GrainId.Create("note", $"n{i}");

    private static Task<long> TransactionsAsync(PostgreSqlDatabase database) => database.RunAsync(async connection =>
        (await connection.QueryAsync(
            "SELECT count(DISTINCT xmin::text) FROM soups_grain_state", row => row.GetInt64(0)))[0]);
}
