using Orleans.Runtime;
using SoupsActors.Grains.Storage;
using SoupsActors.Grains.Storage.PostgreSql;
using SoupsActors.Testing;
using SoupsActors.Testing.PostgreSql;

namespace SoupsActors.Grains.Tests.Storage;

public sealed class SqliteReminderTableTests : ReminderTableTests
{
    private readonly TemporaryFolder folder = new();
    private SqliteDatabase? database;

    protected override Task<IReminderTable> OpenAsync()
    {
        database?.Dispose();
        database = SqliteDatabase.Open(folder["soups.db"]);
        return Task.FromResult<IReminderTable>(new SqliteReminderTable(database));
    }

    protected override void Close()
    {
        database?.Dispose();
        folder.Dispose();
    }
}

public sealed class PostgreSqlReminderTableTests(PostgreSqlFixture server) : ReminderTableTests
{
    private PostgreSqlDatabase? database;
    private string? connectionString;

    protected override async Task<IReminderTable> OpenAsync()
    {
        database?.Dispose();
        database = PostgreSqlDatabases.Open(connectionString ??= await server.DatabaseAsync());
        await database.PrepareAsync();
        return new PostgreSqlReminderTable(database);
    }

    protected override void Close() => database?.Dispose();
}

/// <summary>What every reminder table must do.</summary>
public abstract class ReminderTableTests : IAsyncLifetime
{
    private static readonly DateTime Start = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private IReminderTable Table { get; set; } = null!;

    public async ValueTask InitializeAsync() => await ReopenAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Close();
        return ValueTask.CompletedTask;
    }

    /// <summary>Opens the table, again with what was written.</summary>
    protected abstract Task<IReminderTable> OpenAsync();

    protected abstract void Close();

    [Fact]
    public async Task a_reminder_outlives_the_process()
    {
        var grain = GrainId.Create("user", "alice/1 ü");
        var tag = await Table.UpsertRow(Entry(grain, "daily"));
        await ReopenAsync();

        var read = (await Table.ReadRow(grain, "daily"))!;
        Assert.Equal((grain, "daily", Start, TimeSpan.FromHours(2), tag),
            (read.GrainId, read.ReminderName, read.StartAt, read.Period, read.ETag));
        Assert.Equal(DateTimeKind.Utc, read.StartAt.Kind);
        Assert.Null(await Table.ReadRow(grain, "weekly"));
    }

    [Fact]
    public async Task replacing_changes_the_version_and_removing_needs_it()
    {
        var grain = GrainId.Create("user", "bob");
        var first = await Table.UpsertRow(Entry(grain, "daily"));
        var second = await Table.UpsertRow(Entry(grain, "daily"));
        Assert.NotEqual(first, second);
        Assert.Single((await Table.ReadRows(grain)).Reminders);
        Assert.False(await Table.RemoveRow(grain, "daily", first!));
        Assert.True(await Table.RemoveRow(grain, "daily", second!));
        Assert.False(await Table.RemoveRow(grain, "daily", second!));
    }

    [Fact]
    public async Task ranges_exclude_their_begin_include_their_end_and_wrap_around()
    {
        var grains = Enumerable.Range(0, 40).Select(i => GrainId.Create("user", $"u{i}")).ToArray();
        foreach (var grain in grains)
            await Table.UpsertRow(Entry(grain, "r"));
        var hashes = grains.Select(g => g.GetUniformHashCode()).Order().ToArray();
        var (low, high) = (hashes[10], hashes[30]);

        Assert.Equal<uint[]>(hashes[11..31], await HashesAsync(low, high));
        Assert.Equal<uint[]>([.. hashes[..11], .. hashes[31..]], await HashesAsync(high, low));
        Assert.Equal<uint[]>(hashes, await HashesAsync(0, 0));
        Assert.Equal<uint[]>(hashes, await HashesAsync(low, low));
    }

    private async Task ReopenAsync() => Table = await OpenAsync();

    private async Task<uint[]> HashesAsync(uint begin, uint end) =>
        [.. (await Table.ReadRows(begin, end)).Reminders.Select(r => r.GrainId.GetUniformHashCode()).Order()];

    private static ReminderEntry Entry(GrainId grain, string name) =>
        new() { GrainId = grain, ReminderName = name, StartAt = Start, Period = TimeSpan.FromHours(2) };
}
