using Orleans.Runtime;
using Orleans.Storage;
using SoupsActors.Grains.State;
using SoupsActors.Grains.Storage;
using SoupsActors.Grains.Storage.PostgreSql;
using SoupsActors.Grains.Users;
using SoupsActors.Testing;
using SoupsActors.Testing.PostgreSql;
using SoupsActors.Users;

namespace SoupsActors.Grains.Tests.Storage;

public sealed class SqliteRollingUpgradeTests : RollingUpgradeTests, IDisposable
{
    private readonly TemporaryFolder folder = new();
    private SqliteDatabase? database;

    public void Dispose()
    {
        database?.Dispose();
        folder.Dispose();
    }

    protected override Task<(IGrainStorage, Func<string, Task<int>>)> OpenAsync()
    {
        var opened = database = SqliteDatabase.Open(folder["soups.db"]);
        return Task.FromResult<(IGrainStorage, Func<string, Task<int>>)>((
            new SqliteGrainStorage(opened),
            json => opened.WriteAsync(session => session.Execute(
                "INSERT INTO grain_state (grain_id, state_name, etag, schema, json) VALUES ('user/alice', 'profile', 't', 1, $j)",
                ("$j", json)))));
    }
}

public sealed class PostgreSqlRollingUpgradeTests(PostgreSqlFixture server) : RollingUpgradeTests, IDisposable
{
    private PostgreSqlDatabase? database;

    public void Dispose() => database?.Dispose();

    protected override async Task<(IGrainStorage, Func<string, Task<int>>)> OpenAsync()
    {
        var opened = database = await server.CreateAsync();
        return (new PostgreSqlGrainStorage(opened), json => opened.RunAsync(connection => connection.ExecuteAsync(
            "INSERT INTO soups_grain_state (grain_id, state_name, etag, schema, json) "
                + "VALUES ('user/alice', 'profile', 't', 1, $1)",
            PostgreSqlCommands.JsonText(json))));
    }
}

/// <summary>Silos of two versions on one database: what either writes the other reads, and nothing gets lost.</summary>
public abstract class RollingUpgradeTests
{
    // Written by the release before profiles had a time, as it stood in the database.
    private const string Previous =
        """
        {"profile":{"mix":{"P1A":1,"P3A":-0.5},"merge":"factor","normalize":false,"promptTexts":true,
        "systemPrompt":"Be brief.","sampling":{"temperature":0.5}},"eTag":"abc",
        "operations":[{"id":"op-1","fingerprint":"0123456789abcdef"}]}
        """;

    private static readonly GrainId Alice = GrainId.Create("user", "alice");

    [Fact]
    public async Task a_profile_of_the_previous_release_is_read_and_written_on()
    {
        var (storage, insert) = await OpenAsync();
        await insert(Previous);
        var state = await Stored<UserState>.ReadAsync(storage);
        Assert.Equal((1, -0.5), (state.State.Profile.Mix["P1A"], state.State.Profile.Mix["P3A"]));
        Assert.Equal((SoupMerge.Factor, true, "Be brief."),
            (state.State.Profile.Merge, state.State.Profile.PromptTexts, state.State.Profile.SystemPrompt));
        Assert.Equal(("abc", "op-1"), (state.State.ETag, state.State.Operations[0].Id));
        Assert.Null(state.State.WrittenAt);

        await new DurableState<UserState>(state).UpdateAsync(before => before with { WrittenAt = DateTimeOffset.UnixEpoch });
        Assert.Equal(DateTimeOffset.UnixEpoch, (await Stored<UserState>.ReadAsync(storage)).State.WrittenAt);
    }

    [Fact]
    public async Task the_previous_release_reads_and_writes_profiles_of_this_one_without_losing_what_it_does_not_know()
    {
        var (storage, insert) = await OpenAsync();
        await insert(Previous);
        await new DurableState<UserState>(await Stored<UserState>.ReadAsync(storage)).UpdateAsync(
            before => before with { WrittenAt = DateTimeOffset.UnixEpoch });

        var older = new DurableState<PreviousState>(await Stored<PreviousState>.ReadAsync(storage));
        Assert.Equal(1, older.Value.Profile.Mix["P1A"]);
        for (var i = 0; i < 2; i++)
        {
            // A new object, as grains make them, and not a copy of the one that was read.
            await older.UpdateAsync(before => new PreviousState
            {
                Profile = new SoupProfile { Mix = new() { ["P1A"] = before.Profile.Mix["P1A"] + 1 } },
                ETag = "def",
                Operations = before.Operations,
            });
        }

        var newer = (await Stored<UserState>.ReadAsync(storage)).State;
        Assert.Equal((3, "def"), (newer.Profile.Mix["P1A"], newer.ETag));
        Assert.Equal(DateTimeOffset.UnixEpoch, newer.WrittenAt);
    }

    [Fact]
    public async Task fields_inside_of_records_are_kept_as_well()
    {
        var (storage, insert) = await OpenAsync();
        await insert(Previous.Replace("\"merge\":", "\"tone\":{\"warmth\":[1,2]},\"merge\":", StringComparison.Ordinal));
        await new DurableState<UserState>(await Stored<UserState>.ReadAsync(storage)).UpdateAsync(
            before => before with { ETag = "ghi" });
        var next = (await Stored<NextState>.ReadAsync(storage)).State;
        Assert.Equal(("ghi", 2), (next.ETag, next.Profile.Tone!.Warmth[1]));
    }

    [Fact]
    public async Task versions_that_write_at_once_end_in_a_conflict_and_not_in_a_lost_update()
    {
        var (storage, insert) = await OpenAsync();
        await insert(Previous);
        var older = await Stored<PreviousState>.ReadAsync(storage);
        var newer = await Stored<UserState>.ReadAsync(storage);
        newer.State = newer.State with { ETag = "newer" };
        await newer.WriteStateAsync();
        older.State = new PreviousState { ETag = "older" };
        await Assert.ThrowsAsync<InconsistentStateException>(() => older.WriteStateAsync());
        Assert.Equal("newer", (await Stored<UserState>.ReadAsync(storage)).State.ETag);
    }

    /// <summary>An empty storage, and what puts a text there as alice's profile.</summary>
    protected abstract Task<(IGrainStorage Storage, Func<string, Task<int>> Insert)> OpenAsync();

    /// <summary>What the previous release kept of a user.</summary>
    private sealed record PreviousState
    {
        public SoupProfile Profile { get; init; } = new();

        public string ETag { get; init; } = "0";

        public AppliedOperation[] Operations { get; init; } = [];
    }

    /// <summary>What some later release might keep.</summary>
    private sealed record NextState
    {
        public NextProfile Profile { get; init; } = new();

        public string ETag { get; init; } = "0";
    }

    private sealed record NextProfile
    {
        public NextTone? Tone { get; init; }
    }

    private sealed record NextTone
    {
        public int[] Warmth { get; init; } = [];
    }

    /// <summary>A state as a grain of some version holds it.</summary>
    private sealed class Stored<T>(IGrainStorage storage) : IPersistentState<T>
        where T : class, new()
    {
        private readonly GrainState<T> record = new(new T());

        public T State
        {
            get => record.State!;
            set => record.State = value;
        }

        public string? Etag => record.ETag;

        public bool RecordExists => record.RecordExists;

        public static async Task<Stored<T>> ReadAsync(IGrainStorage storage)
        {
            var stored = new Stored<T>(storage);
            await stored.ReadStateAsync();
            return stored;
        }

        public Task ReadStateAsync() => storage.ReadStateAsync("profile", Alice, record);

        public Task WriteStateAsync() => storage.WriteStateAsync("profile", Alice, record);

        public Task ClearStateAsync() => storage.ClearStateAsync("profile", Alice, record);
    }
}
