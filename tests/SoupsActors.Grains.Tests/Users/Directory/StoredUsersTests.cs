using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;
using SoupsActors.Grains.Storage;
using SoupsActors.Grains.Storage.PostgreSql;
using SoupsActors.Grains.Tests.Storage;
using SoupsActors.Grains.Users;
using SoupsActors.Grains.Users.Directory;
using SoupsActors.Testing;
using SoupsActors.Testing.PostgreSql;
using SoupsActors.Users;

namespace SoupsActors.Grains.Tests.Users.Directory;

public sealed class SqliteStoredUsersTests : StoredUsersTests
{
    private readonly TemporaryFolder folder = new();
    private SqliteDatabase database = null!;

    private protected override Task<Stores> OpenAsync()
    {
        database = SqliteDatabase.Open(folder["soups.db"]);
        var profiles = new SqliteStoredProfiles(database);
        return Task.FromResult(new Stores(
            profiles, profiles, new SqliteStoredAnswers(database), new SqliteGrainStorage(database),
            sql => database.WriteAsync(session => session.Execute(sql))));
    }

    private protected override void Close()
    {
        database.Dispose();
        folder.Dispose();
    }
}

public sealed class PostgreSqlStoredUsersTests(PostgreSqlFixture server) : StoredUsersTests
{
    private PostgreSqlDatabase? database;

    private protected override async Task<Stores> OpenAsync()
    {
        database = await server.CreateAsync();
        var profiles = new PostgreSqlStoredProfiles(database);
        return new Stores(
            profiles, profiles, new PostgreSqlStoredAnswers(database), new PostgreSqlGrainStorage(database),
            sql => database.RunAsync(connection => connection.ExecuteAsync(sql)));
    }

    private protected override void Close() => database?.Dispose();
}

/// <summary>The rows about users as their own directory.</summary>
public abstract class StoredUsersTests : IAsyncLifetime
{
    private Stores stores = null!;

    public async ValueTask InitializeAsync() => stores = await OpenAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Close();
        return ValueTask.CompletedTask;
    }

    private protected abstract Task<Stores> OpenAsync();

    private protected abstract void Close();

    [Fact]
    public async Task ids_come_once_each_in_the_order_of_their_bytes()
    {
        string[] ids = ["b", "a/b", "a", "Ä", "𝄞 clef", "z'\"--", "ﬀ", "user/nested", "\u202Eright to left", "100%", "1_0"];
        await StoreAsync(ids);
        var page = await stores.Users.PageAsync(new UserRange("", ""), 100);
        Assert.Equal(ids.Order(Utf8Order.Instance), page);
    }

    [Theory]
    [InlineData("a", new[] { "a", "a%", "a/b", "ab" })]
    [InlineData("a%", new[] { "a%" })]
    [InlineData("A", new string[0])]
    [InlineData("ä", new[] { "ä-1" })]
    public async Task a_prefix_is_taken_literally(string prefix, string[] expected)
    {
        await StoreAsync(["a", "ab", "a%", "a/b", "b", "ä-1"]);
        Assert.Equal(expected, await stores.Users.PageAsync(new UserRange(prefix, ""), 100));
    }

    [Fact]
    public async Task pages_follow_each_other_without_gaps()
    {
        var ids = Enumerable.Range(0, 57).Select(i => $"user-{i:00}").ToArray();
        await StoreAsync(ids);
        var store = stores.Users;
        var seen = new List<string>();
        for (var page = await store.PageAsync(new UserRange("user-", ""), 10); page.Count > 0;
             page = await store.PageAsync(new UserRange("user-", seen[^1]), 10))
        {
            seen.AddRange(page);
        }

        Assert.Equal(ids, seen);
    }

    [Fact]
    public async Task answers_and_feedback_name_users_too()
    {
        var (prefix, user, at) = stores.Users is SqliteStoredProfiles ? ("", "user", "1") : ("soups_", "user_id", "now()");
        foreach (var (id, name) in ((string, string)[])[("1", "'bo'"), ("2", "'bo'"), ("3", "'an'"), ("4", "NULL")])
        {
            await stores.Execute(
                $"INSERT INTO {prefix}interaction (id, {user}, at, schema, json) VALUES ('{id}', {name}, {at}, 1, '{{}}')");
        }

        foreach (var (position, name) in ((int, string)[])[(1, "cy"), (2, "bo"), (3, "cy")])
        {
            await stores.Execute(
                $"INSERT INTO {prefix}feedback (position, {user}, operation, fingerprint, kind, preference, comparisons, "
                    + $"received_at, schema, event) VALUES ({position}, '{name}', '{position}', '', 'pair', '', 0, {at}, 1, '{{}}')");
        }

        var store = stores.Answers;
        Assert.Equal(["an", "bo", "cy"], await store.PageAsync(new UserRange("", ""), 10));
        Assert.Equal(["an", "bo"], await store.PageAsync(new UserRange("", ""), 2));
        Assert.Equal(["cy"], await store.PageAsync(new UserRange("", "bo"), 10));
        Assert.Equal(["bo"], await store.PageAsync(new UserRange("b", ""), 10));
    }

    [Fact]
    public async Task a_sample_has_about_the_wanted_size_and_all_where_there_are_few()
    {
        await StoreAsync([.. Enumerable.Range(0, 2000).Select(i => $"user-{i:0000}")]);
        var store = stores.Profiles;
        var (count, all) = await store.SampleAsync(2000);
        Assert.Equal((2000, 2000), (count, all.Count));
        var (_, some) = await store.SampleAsync(200);
        Assert.InRange(some.Count, 100, 320);
        Assert.All(all, state => Assert.Equal(1, state.Profile.Mix["P1A"]));
    }

    private Task StoreAsync(IReadOnlyList<string> ids) => Task.WhenAll(ids.Select(id =>
        stores.States.WriteStateAsync("profile", GrainId.Create("user", id), new GrainState<UserState>
        {
            State = new UserState { Profile = new SoupProfile { Mix = new() { ["P1A"] = 1 } }, ETag = "1" },
        })));

    private protected sealed record Stores(
        IStoredUsers Users,
        IStoredProfiles Profiles,
        IStoredUsers Answers,
        IGrainStorage States,
        Func<string, Task<int>> Execute);
}
