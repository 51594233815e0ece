namespace SoupsActors.Silo.Tests;

public sealed class UserEndpointTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Body = """{"mix":{"P1A":1,"P2B":0.5},"merge":"product","prompt_texts":true}""";

    private readonly string user = "user-" + Guid.NewGuid().ToString("N");

    private string Profile => $"/v1/users/{user}/profile";

    [Fact]
    public async Task a_profile_is_read_as_written()
    {
        var (put, written) = await server.SendAsync(HttpMethod.Put, Profile, Body);
        var (get, read) = await server.SendAsync(HttpMethod.Get, Profile);
        Assert.Equal((200, 200), ((int)put.StatusCode, (int)get.StatusCode));
        Assert.Equal(put.Headers.ETag, get.Headers.ETag);
        Assert.Equal(written!.ToJsonString(), read!.ToJsonString());
        Assert.Equal(user, (string?)read["user"]);
        Assert.Equal(0.5, (double)read["profile"]!["mix"]!["P2B"]!);
        Assert.Equal("product", (string?)read["profile"]!["merge"]);
        Assert.True((bool)read["profile"]!["prompt_texts"]!);
    }

    [Fact]
    public async Task a_profile_that_was_read_can_be_written_back()
    {
        await server.SendAsync(HttpMethod.Put, Profile, Body);
        var (_, read) = await server.SendAsync(HttpMethod.Get, Profile);
        var (put, again) = await server.SendAsync(HttpMethod.Put, Profile, read!["profile"]!.ToJsonString());
        Assert.Equal(200, (int)put.StatusCode);
        Assert.Equal(read["profile"]!.ToJsonString(), again!["profile"]!.ToJsonString());
    }

    [Fact]
    public async Task a_conditional_write_fails_after_another_write()
    {
        var (_, first) = await server.SendAsync(HttpMethod.Put, Profile, Body, ("If-None-Match", "*"));
        var tag = $"\"{first!["etag"]}\"";
        var (good, _) = await server.SendAsync(HttpMethod.Put, Profile, Body, ("If-Match", tag));
        var (late, error) = await server.SendAsync(HttpMethod.Put, Profile, "{}", ("If-Match", tag));
        var (notNew, _) = await server.SendAsync(HttpMethod.Put, Profile, "{}", ("If-None-Match", "*"));
        var (wrong, _) = await server.SendAsync(HttpMethod.Put, Profile, "{}", ("If-Match", "no-quotes"));
        Assert.Equal(
            (200, 412, 412, 400),
            ((int)good.StatusCode, (int)late.StatusCode, (int)notNew.StatusCode, (int)wrong.StatusCode));
        Assert.Equal("etag_mismatch", (string?)error!["error"]!["code"]);
    }

    [Fact]
    public async Task an_idempotency_key_applies_a_write_once()
    {
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        await server.SendAsync(HttpMethod.Put, Profile, Body, key);
        var (_, later) = await server.SendAsync(HttpMethod.Put, Profile, """{"mix":{"P1A":2}}""");
        var (_, repeated) = await server.SendAsync(HttpMethod.Put, Profile, Body, key);
        var (reused, _) = await server.SendAsync(HttpMethod.Put, Profile, """{"mix":{}}""", key);
        Assert.Equal((string?)later!["etag"], (string?)repeated!["etag"]);
        Assert.Equal(409, (int)reused.StatusCode);
    }

    [Fact]
    public async Task deleting_a_profile_restores_the_default()
    {
        await server.SendAsync(HttpMethod.Put, Profile, Body);
        var (deleted, body) = await server.SendAsync(HttpMethod.Delete, Profile);
        Assert.Equal(200, (int)deleted.StatusCode);
        Assert.Empty(body!["profile"]!["mix"]!.AsObject());
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("ünï çødé?&#")]
    [InlineData("🍲")]
    [InlineData(".")]
    public async Task users_of_any_name_are_told_apart(string name)
    {
        name += "-" + user;
        var path = $"/v1/users/{Uri.EscapeDataString(name)}";
        var (_, written) = await server.SendAsync(HttpMethod.Put, path + "/profile", Body);
        Assert.Equal(name, (string?)written!["user"]);
        var (_, export) = await server.SendAsync(HttpMethod.Get, path + "/export");
        Assert.Equal(name, (string?)export!["user"]);
        Assert.Equal((string?)written["etag"], (string?)export["etag"]);
        var twin = Uri.EscapeDataString(Uri.EscapeDataString(name));
        if (Uri.EscapeDataString(name) != name)
        {
            var (_, other) = await server.SendAsync(HttpMethod.Get, $"/v1/users/{twin}/profile");
            Assert.Equal("0", (string?)other!["etag"]);
        }
    }

    [Fact]
    public async Task a_stored_conversation_is_continued_exported_and_forgotten()
    {
        await server.AskAsync(user, "Why?", soup: new { history = true });
        await server.AskAsync(user, "And why is that?", soup: new { history = true });
        var (_, history) = await server.SendAsync(HttpMethod.Get, $"/v1/users/{user}/history");
        Assert.Equal(
            ["user", "assistant", "user", "assistant"],
            history!["messages"]!.AsArray().Select(m => (string)m!["role"]!));
        var (_, export) = await server.SendAsync(HttpMethod.Get, $"/v1/users/{user}/export");
        Assert.Equal(4, export!["history"]!.AsArray().Count);

        await server.SendAsync(HttpMethod.Delete, $"/v1/users/{user}/history");
        var (_, cleared) = await server.SendAsync(HttpMethod.Get, $"/v1/users/{user}/history");
        Assert.Empty(cleared!["messages"]!.AsArray());
    }

    [Fact]
    public async Task forgetting_leaves_no_trace_in_the_data_directory()
    {
        var secret = "secret-" + Guid.NewGuid().ToString("N");
        await server.SendAsync(HttpMethod.Put, Profile, $$"""{"system_prompt":"{{secret}}"}""");
        await server.AskAsync(user, secret, soup: new { history = true });
        Assert.True(Rows() > 0);
        var (deleted, body) = await server.SendAsync(HttpMethod.Delete, $"/v1/users/{user}");
        Assert.Equal(200, (int)deleted.StatusCode);
        Assert.True((bool)body!["deleted"]!);
        Assert.Equal(0, Rows());
        var (_, export) = await server.SendAsync(HttpMethod.Get, $"/v1/users/{user}/export");
        Assert.Equal("0", (string?)export!["etag"]);
    }

    [Fact]
    public async Task the_profile_decides_about_the_answer()
    {
        await server.PutProfileAsync(user, new { mix = new { P1A = 1.0 }, sampling = new { temperature = 0.0 } });
        var mixed = await server.AskAsync(user, "Why?");
        Assert.Equal(await server.AskAsync(null, "Why?", "P1A", new { top_k = 1 }), mixed);
        Assert.NotEqual(await server.AskAsync(user, "Why?", "base"), mixed);
        Assert.NotEqual(await server.AskAsync(user, "Why?", soup: new { mix = new { P2B = 1.0 } }), mixed);
    }

    [Fact]
    public async Task an_empty_mix_is_the_base()
    {
        var soup = await server.AskAsync(user, "Why?");
        Assert.Equal(await server.AskAsync(user, "Why?", "base"), soup);
        Assert.Equal(await server.AskAsync(user, "Why?", soup: new { mix = new { P1A = 0.0 } }), soup);
    }

    private long Rows()
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection(
            $"Data Source={Path.Combine(server.DataDirectory, "soups.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM grain_state WHERE grain_id LIKE '%' || $user || '%'";
        command.Parameters.AddWithValue("$user", user);
        return (long)command.ExecuteScalar()!;
    }
}
