using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using SoupsActors.Grains.Storage;
using SoupsActors.Grains.Users;
using SoupsActors.Grains.Users.Directory;
using SoupsActors.Testing;
using SoupsActors.Users;

namespace SoupsActors.Grains.Tests.Users.Directory;

/// <summary>The rows about users as their own directory.</summary>
public sealed class StoredUsersTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly SqliteDatabase database;

    public StoredUsersTests() => database = SqliteDatabase.Open(folder["soups.db"]);

    public void Dispose()
    {
        database.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task ids_come_once_each_in_the_order_of_their_bytes()
    {
        string[] ids = ["b", "a/b", "a", "Ä", "𝄞 clef", "z'\"--", "ﬀ", "user/nested", "\u202Eright to left", "100%", "1_0"];
        await StoreAsync(ids);
        var page = await new SqliteStoredProfiles(database).PageAsync(new UserRange("", ""), 100);
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
        Assert.Equal(expected, await new SqliteStoredProfiles(database).PageAsync(new UserRange(prefix, ""), 100));
    }

    [Fact]
    public async Task pages_follow_each_other_without_gaps()
    {
        var ids = Enumerable.Range(0, 57).Select(i => $"user-{i:00}").ToArray();
        await StoreAsync(ids);
        var store = new SqliteStoredProfiles(database);
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
        await database.WriteAsync(session =>
        {
            foreach (var (id, user) in ((string, string?)[])[("1", "bo"), ("2", "bo"), ("3", "an"), ("4", null)])
            {
                session.Execute(
                    "INSERT INTO interaction (id, user, at, schema, json) VALUES ($id, $user, 1, 1, '{}')",
                    ("$id", id),
                    ("$user", user));
            }

            foreach (var (operation, user) in ((string, string)[])[("x", "cy"), ("y", "bo"), ("z", "cy")])
            {
                session.Execute(
                    "INSERT INTO feedback (user, operation, fingerprint, kind, preference, comparisons, received_at, schema, "
                        + "event) VALUES ($user, $operation, '', 'pair', '', 0, 0, 1, '{}')",
                    ("$user", user),
                    ("$operation", operation));
            }

            return 0;
        });
        var store = new SqliteStoredAnswers(database);
        Assert.Equal(["an", "bo", "cy"], await store.PageAsync(new UserRange("", ""), 10));
        Assert.Equal(["an", "bo"], await store.PageAsync(new UserRange("", ""), 2));
        Assert.Equal(["cy"], await store.PageAsync(new UserRange("", "bo"), 10));
        Assert.Equal(["bo"], await store.PageAsync(new UserRange("b", ""), 10));
    }

    [Fact]
    public async Task a_sample_has_about_the_wanted_size_and_all_where_there_are_few()
    {
        await StoreAsync([.. Enumerable.Range(0, 2000).Select(i => $"user-{i:0000}")]);
        var store = new SqliteStoredProfiles(database);
        var (count, all) = await store.SampleAsync(2000);
        Assert.Equal((2000, 2000), (count, all.Count));
        var (_, some) = await store.SampleAsync(200);
        Assert.InRange(some.Count, 100, 320);
        Assert.All(all, state => Assert.Equal(1, state.Profile.Mix["P1A"]));
    }

    private Task StoreAsync(IReadOnlyList<string> ids) => Task.WhenAll(ids.Select(id =>
        new SqliteGrainStorage(database).WriteStateAsync("profile", GrainId.Create("user", id), new GrainState<UserState>
        {
            State = new UserState { Profile = new SoupProfile { Mix = new() { ["P1A"] = 1 } }, ETag = "1" },
        })));
}
