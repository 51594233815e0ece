using Microsoft.Data.Sqlite;
using SoupsActors.Grains.Storage;
using SoupsActors.Testing;

namespace SoupsActors.Grains.Tests.Storage;

public sealed class SqliteDatabaseTests : IDisposable
{
    private const string Insert =
        "INSERT INTO grain_state (grain_id, state_name, etag, schema, json) VALUES ($id, 's', 'e', 1, '{}')";

    private readonly TemporaryFolder folder = new();

    private string File => folder["soups.db"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task writes_that_wait_for_the_disk_share_a_transaction()
    {
        using var database = SqliteDatabase.Open(File);
        using var firstMayEnd = new ManualResetEventSlim();
        var first = database.WriteAsync(session =>
        {
            firstMayEnd.Wait();
            return Write(session, "first");
        });
        var others = Enumerable.Range(0, 100).Select(i => database.WriteAsync(s => Write(s, $"other-{i}"))).ToArray();
        firstMayEnd.Set();

        await first;
        Assert.All(await Task.WhenAll(others), rows => Assert.Equal(1, rows));
        Assert.InRange(database.Commits, 1, 2);
        Assert.Equal(101, await CountAsync(database));
    }

    [Fact]
    public async Task a_write_that_throws_is_undone_alone()
    {
        using var database = SqliteDatabase.Open(File);
        using var gate = new ManualResetEventSlim();
        var before = database.WriteAsync(session =>
        {
            gate.Wait();
            return Write(session, "before");
        });
        var failing = database.WriteAsync<int>(session =>
        {
            Write(session, "half");
            throw new InvalidOperationException("no");
        });
        var after = database.WriteAsync(session => Write(session, "after"));
        gate.Set();

        await before;
        await after;
        await Assert.ThrowsAsync<InvalidOperationException>(() => failing);
        Assert.Equal(2, await CountAsync(database));
    }

    [Fact]
    public async Task what_was_written_is_there_after_reopening()
    {
        using (var database = SqliteDatabase.Open(File))
            await database.WriteAsync(session => Write(session, "kept"));
        using var again = SqliteDatabase.Open(File);
        Assert.Equal(1, await CountAsync(again));
    }

    [Fact]
    public async Task closing_finishes_the_writes_handed_in()
    {
        Task<int>[] writes;
        using (var database = SqliteDatabase.Open(File))
            writes = [.. Enumerable.Range(0, 50).Select(i => database.WriteAsync(s => Write(s, $"{i}")))];
        Assert.All(await Task.WhenAll(writes), rows => Assert.Equal(1, rows));
        using var again = SqliteDatabase.Open(File);
        Assert.Equal(50, await CountAsync(again));
    }

    [Fact]
    public async Task a_closed_database_refuses_writes()
    {
        var database = SqliteDatabase.Open(File);
        database.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => database.WriteAsync(session => Write(session, "late")));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => CountAsync(database));
    }

    [Fact]
    public void a_file_of_another_program_is_left_alone()
    {
        Foreign("CREATE TABLE other (x)");
        var error = Assert.Throws<InvalidDataException>(() => SqliteDatabase.Open(File));
        Assert.Contains("another program", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void a_file_of_a_newer_format_is_refused()
    {
        SqliteDatabase.Open(File).Dispose();
        Foreign("PRAGMA user_version = 99");
        var error = Assert.Throws<InvalidDataException>(() => SqliteDatabase.Open(File));
        Assert.Contains("99", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task commits_reach_the_disk_before_they_are_acknowledged()
    {
        using var database = SqliteDatabase.Open(File);
        Assert.Equal(2, await database.WriteAsync(session => session.Number("PRAGMA synchronous")));
        var mode = await database.ReadAsync(s => s.Query("PRAGMA journal_mode", row => row.GetString(0)));
        Assert.Equal("wal", mode[0]);
    }

    private static int Write(SqliteSession session, string id) => session.Execute(Insert, ("$id", id));

    private static Task<long> CountAsync(SqliteDatabase database) =>
        database.ReadAsync(session => session.Number("SELECT COUNT(*) FROM grain_state"));

    private void Foreign(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
