using System.Text.Json.Nodes;

namespace SoupsActors.Silo.Tests;

public sealed class UserDirectoryTests(TestServer server) : IClassFixture<TestServer>
{
    private readonly string prefix = "d" + Guid.NewGuid().ToString("N")[..8] + "-";

    [Fact]
    public async Task users_are_found_by_prefix_and_in_pages()
    {
        foreach (var name in (string[])["c", "a", "b\"'<i>", "d"])
            await server.PutProfileAsync(prefix + name, new { mix = new { P1A = 1.0 } });
        var (_, first) = await ListAsync($"prefix={prefix}&limit=3");
        Assert.Equal([prefix + "a", prefix + "b\"'<i>", prefix + "c"], Ids(first));
        Assert.True((bool)first!["has_more"]!);
        var (_, rest) = await ListAsync($"prefix={prefix}&limit=3&after={(string)first["last_id"]!}");
        Assert.Equal([prefix + "d"], Ids(rest));
        Assert.False((bool)rest!["has_more"]!);
    }

    [Fact]
    public async Task who_only_asked_is_listed_until_forgotten()
    {
        await server.AskAsync(prefix + "asker", "Why?");
        var (_, before) = await ListAsync($"prefix={prefix}");
        Assert.Equal([prefix + "asker"], Ids(before));
        await server.SendAsync(HttpMethod.Delete, $"/v1/users/{prefix}asker");
        var (_, after) = await ListAsync($"prefix={prefix}");
        Assert.Empty(Ids(after));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("201")]
    [InlineData("-1")]
    [InlineData("many")]
    public async Task a_wrong_limit_is_refused(string limit)
    {
        var (response, body) = await ListAsync("limit=" + limit);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal("limit", (string?)body!["error"]!["param"]);
    }

    [Fact]
    public async Task the_cohorts_tell_what_users_want_and_name_none()
    {
        await server.PutProfileAsync(prefix + "fan", new { mix = new { P1A = 1.0, P2B = -0.5 } });
        var (response, body) = await server.SendAsync(HttpMethod.Get, "/v1/cohorts");
        Assert.Equal(200, (int)response.StatusCode);
        Assert.True((long)body!["profiles"]! >= 1);
        Assert.Contains("P1A", body["names"]!.AsArray().Select(n => (string)n!["name"]!));
        Assert.DoesNotContain(prefix, body.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_model_without_rules_is_told_apart_from_a_bad_answer()
    {
        var (response, body) = await server.SendAsync(
            HttpMethod.Post, "/v1/scores", """{"prompt":"Why?","answer":"Because it's well-known, isn't it?"}""");
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Null((string?)body!["judge"]);
        Assert.Equal(5, (int)body["words"]!);
        Assert.Empty(body["scores"]!.AsArray());
        var (wrong, _) = await server.SendAsync(HttpMethod.Post, "/v1/scores", """{"prompt":"Why?"}""");
        Assert.Equal(400, (int)wrong.StatusCode);
    }

    private async Task<(HttpResponseMessage Response, JsonNode? Body)> ListAsync(string query) =>
        await server.SendAsync(HttpMethod.Get, "/v1/users?" + query);

    private static IEnumerable<string> Ids(JsonNode? body) => body!["data"]!.AsArray().Select(u => (string)u!["id"]!);
}
