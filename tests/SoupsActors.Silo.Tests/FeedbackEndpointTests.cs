using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SoupsActors.Silo.Tests;

public sealed class FeedbackEndpointTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Path = "/v1/feedback";

    private readonly string user = "user-" + Guid.NewGuid().ToString("N");

    [Fact]
    public async Task the_id_of_an_answer_names_its_interaction()
    {
        var (response, body) = await Chat(new { seed = 5 });
        var id = (string)body["id"]!;
        Assert.Equal([id], response.Headers.GetValues("X-Soups-Interaction"));
        Assert.Equal([id], body["soup"]!["interactions"]!.AsArray().Select(i => (string)i!));
        var (_, kept) = await server.SendAsync(HttpMethod.Get, "/v1/interactions/" + id);
        Assert.Equal(user, (string?)kept!["user"]);
        Assert.Equal((string?)body["choices"]![0]!["message"]!["content"], (string?)kept["answer"]);
        Assert.Equal("Why?", (string?)kept["messages"]![0]!["content"]);
        Assert.Equal(5UL, (ulong)kept["seed"]!);
        Assert.Equal("product", (string?)kept["merge"]);
    }

    [Fact]
    public async Task each_of_several_answers_has_an_interaction_and_they_can_be_compared()
    {
        var (response, body) = await Chat(new { n = 2, seed = 5 });
        var ids = body["soup"]!["interactions"]!.AsArray().Select(i => (string)i!).ToArray();
        Assert.Equal(string.Join(", ", ids), response.Headers.GetValues("X-Soups-Interaction").Single());
        Assert.Equal(2, ids.Distinct().Count());
        var (posted, result) = await Post(new
        {
            kind = "pair",
            user,
            preference = "P1A",
            chosen = new { interaction = ids[1] },
            rejected = new { interaction = ids[0] },
        });
        Assert.Equal((200, "accepted"), (posted, (string?)result["status"]));
        var line = JsonNode.Parse((await Export($"user={user}")).Single())!;
        Assert.Equal(
            body["choices"]!.AsArray().Reverse().Select(c => (string?)c!["message"]!["content"]),
            line["context"]!["answers"]!.AsArray().Select(a => (string?)a));
    }

    [Fact]
    public async Task chunks_carry_the_interaction_and_the_last_one_comes_after_it_is_kept()
    {
        using var response = await server.Http.PostAsJsonAsync(
            "/v1/completions", new { model = "soup", user, prompt = "Once", stream = true, max_tokens = 5 }, TestServer.Json);
        var id = response.Headers.GetValues("X-Soups-Interaction").Single();
        var chunks = (await response.Content.ReadAsStringAsync())
            .Split('\n')
            .Where(l => l.StartsWith("data: {", StringComparison.Ordinal))
            .Select(l => JsonNode.Parse(l[6..])!)
            .ToArray();
        Assert.All(chunks, c => Assert.Equal(id, (string?)c["id"]));
        Assert.Equal(id, (string?)chunks[^1]["soup"]!["interactions"]![0]);
        Assert.Equal(200, (int)(await server.Http.GetAsync("/v1/interactions/" + id)).StatusCode);
    }

    [Fact]
    public async Task a_single_event_is_stored_once_by_its_idempotency_key()
    {
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        var body = Json(Pair("a", "b"));
        Assert.Equal("accepted", (string?)(await server.SendAsync(HttpMethod.Post, Path, body, key)).Body!["status"]);
        Assert.Equal("duplicate", (string?)(await server.SendAsync(HttpMethod.Post, Path, body, key)).Body!["status"]);
        var (reused, error) = await server.SendAsync(HttpMethod.Post, Path, Json(Pair("a", "c")), key);
        Assert.Equal((409, "operation_id_reused"), ((int)reused.StatusCode, (string?)error!["error"]!["code"]));
        Assert.Single(await Export($"user={user}"));
    }

    [Fact]
    public async Task a_batch_tells_of_each_event_what_became_of_it()
    {
        var batch = new
        {
            events = new object[]
            {
                Pair("a", "b"),
                new { kind = "reaction", user, prompt = "p", answer = "a", reaction = "sideways" },
                new { kind = "song", user },
                "no object",
                new { kind = "pair", user = "", prompt = "p", chosen = "a", rejected = "b" },
                new { kind = "correction", user, operation_id = "mine", prompt = "p", answer = "a", text = "b" },
                new { kind = "correction", user, operation_id = "mine", prompt = "p", answer = "a", text = "b" },
            },
        };
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        var (response, body) = await server.SendAsync(HttpMethod.Post, Path, Json(batch), key);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal((2, 1, 4), ((int)body!["accepted"]!, (int)body["duplicates"]!, (int)body["refused"]!));
        Assert.Equal(
            ["accepted ", "refused wrong_type", "refused unknown_kind", "refused wrong_type", "refused invalid_user",
                "accepted ", "duplicate "],
            body["results"]!.AsArray().Select(r => $"{r!["status"]} {r["error"]?["code"]}"));
        Assert.Equal(Enumerable.Range(0, 7), body["results"]!.AsArray().Select(r => (int)r!["index"]!));

        var (_, again) = await server.SendAsync(HttpMethod.Post, Path, Json(batch), key);
        Assert.Equal((0, 3), ((int)again!["accepted"]!, (int)again["duplicates"]!));
    }

    public static TheoryData<object, int, string, string> Wrong => new()
    {
        { new { kind = "pair", user = "u", prompt = "p", chosen = "a" }, 400, "missing_field", "rejected" },
        { new { kind = "pair", user = "u", prompt = "p", chosen = "a", rejected = "b", reaction = "up" }, 400, "unknown_field", "reaction" },
        { new { kind = "pair", user = "u", prompt = "p", chosen = 1, rejected = "b" }, 400, "wrong_type", "" },
        { new { kind = "pair", user = "u", prompt = "p", chosen = "a", rejected = "b", margin = -1 }, 400, "out_of_range", "margin" },
        { new { kind = "pair", user = "u", prompt = "p", chosen = "a", rejected = "b", at = "yesterday" }, 400, "wrong_type", "at" },
        { new { kind = "pair", prompt = "p", chosen = "a", rejected = "b" }, 400, "invalid_user", "user" },
        { new { user = "u", prompt = "p", chosen = "a", rejected = "b" }, 400, "unknown_kind", "segment" },
        { new { kind = "reaction", user = "u", interaction = "nothing", reaction = "up" }, 404, "unknown_interaction", "nothing" },
        { new { events = Array.Empty<object>() }, 400, "batch_too_large", "1000" },
        { new { events = Enumerable.Repeat(new { }, 1001) }, 400, "batch_too_large", "1000" },
        { new { events = new[] { new { } }, user = "u" }, 400, "unknown_field", "user" },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public async Task a_wrong_request_is_refused_with_a_reason(object body, int status, string code, string word)
    {
        var (got, error) = await Post(body);
        Assert.Equal((status, code), (got, (string?)error["error"]!["code"]));
        Assert.Contains(word, (string?)error["error"]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task exports_come_in_four_shapes()
    {
        var preference = "P" + user[^8..];
        object About(object answer, string reaction) =>
            new { kind = "reaction", user, preference, prompt = "p", answer, reaction };
        await Post(new { events = new[] { About("good", "up"), About("bad", "down") } });
        Assert.Equal(
            [$$"""{"prompt":"p","chosen":"good","rejected":"bad","preference":"{{preference}}","source":"feedback/reaction"}"""],
            await Export($"format=pairs&preference={preference}"));
        Assert.Equal(
            [true, false],
            (await Export($"format=labels&preference={preference}")).Select(l => (bool)JsonNode.Parse(l)!["label"]!));
        await Post(new
        {
            kind = "segment",
            user,
            preference,
            prompt = "p",
            answer = "Yes, no.",
            start = 5,
            length = 2,
            label = "off-topic",
            value = -0.5,
        });
        Assert.Equal(
            [
                """{"prompt":"p","completion":"Yes, no.","start":5,"length":2,"segment":"no","label":"off-topic","value":"""
                    + $$"""-0.5,"preference":"{{preference}}","source":"feedback/segment"}""",
            ],
            await Export($"format=segments&preference={preference}"));
        var events = await Export($"preference={preference}&kind=reaction");
        Assert.Equal(["good", "bad"], events.Select(l => (string?)JsonNode.Parse(l)!["event"]!["answer"]));
        var first = (long)JsonNode.Parse(events[0])!["position"]!;
        Assert.Equal(2, (await Export($"preference={preference}&after={first}")).Length);

        var (_, stats) = await server.SendAsync(HttpMethod.Get, Path + "/stats");
        var own = stats!["data"]!.AsArray().Single(
            s => ((string?)s!["preference"], (string?)s["kind"]) == (preference, "reaction"))!;
        Assert.Equal((2, 1), ((int)own["events"]!, (int)own["comparisons"]!));
    }

    [Theory]
    [InlineData("format=csv")]
    [InlineData("after=-1")]
    [InlineData("kind=song")]
    [InlineData("userr=x")]
    [InlineData("format=pairs&user=x")]
    public async Task a_wrong_export_is_refused(string query)
    {
        var (response, error) = await server.SendAsync(HttpMethod.Get, $"{Path}?{query}");
        Assert.Equal((400, "invalid_parameter"), ((int)response.StatusCode, (string?)error!["error"]!["code"]));
    }

    [Fact]
    public async Task a_users_export_holds_answers_and_feedback_and_forgetting_removes_them()
    {
        var (_, answer) = await Chat(new { });
        await Post(new { kind = "reaction", user, interaction = (string)answer["id"]!, reaction = "up" });
        var (_, export) = await server.SendAsync(HttpMethod.Get, $"/v1/users/{user}/export");
        Assert.Equal((string?)answer["id"], (string?)export!["interactions"]![0]!["id"]);
        Assert.Equal("up", (string?)export["feedback"]![0]!["event"]!["reaction"]);

        await server.SendAsync(HttpMethod.Delete, $"/v1/users/{user}");
        Assert.Equal(404, (int)(await server.Http.GetAsync("/v1/interactions/" + (string)answer["id"]!)).StatusCode);
        Assert.Empty(await Export($"user={user}"));
    }

    [Fact]
    public async Task the_openapi_document_describes_feedback()
    {
        var (_, document) = await server.SendAsync(HttpMethod.Get, "/openapi/v1.json");
        Assert.NotNull(document!["paths"]!["/v1/feedback"]!["post"]!["requestBody"]);
        Assert.NotNull(document["paths"]!["/v1/interactions/{id}"]!["get"]);
    }

    [Fact]
    public async Task a_server_that_keeps_no_text_shows_none_and_one_that_keeps_nothing_has_nothing()
    {
        await using var silent = new TestServer("--Soups:KeepInteractionText=false");
        await silent.InitializeAsync();
        await silent.AskAsync(user, "Why?");
        var (_, export) = await silent.SendAsync(HttpMethod.Get, $"/v1/users/{user}/export");
        var kept = Assert.Single(export!["interactions"]!.AsArray())!;
        Assert.Equal((null, null), ((string?)kept["answer"], kept["messages"]));

        await using var empty = new TestServer("--Soups:InteractionRetention=00:00:00");
        await empty.InitializeAsync();
        await empty.AskAsync(user, "Why?");
        (_, export) = await empty.SendAsync(HttpMethod.Get, $"/v1/users/{user}/export");
        Assert.Empty(export!["interactions"]!.AsArray());
    }

    private object Pair(string chosen, string rejected) => new { kind = "pair", user, prompt = "p", chosen, rejected };

    private async Task<(HttpResponseMessage Response, JsonNode Body)> Chat(object extra)
    {
        var body = JsonSerializer.SerializeToNode(extra)!.AsObject();
        body["model"] = "soup";
        body["user"] = user;
        body["max_tokens"] = 12;
        body["messages"] = JsonNode.Parse("""[{"role":"user","content":"Why?"}]""");
        var (response, answer) = await server.SendAsync(HttpMethod.Post, "/v1/chat/completions", body.ToJsonString());
        Assert.Equal(200, (int)response.StatusCode);
        return (response, answer!);
    }

    private async Task<(int Status, JsonNode Body)> Post(object body)
    {
        var (response, answer) = await server.SendAsync(HttpMethod.Post, Path, Json(body));
        return ((int)response.StatusCode, answer!);
    }

    private async Task<string[]> Export(string query) => (await server.Http.GetStringAsync($"{Path}?{query}"))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Json(object body) => JsonSerializer.Serialize(body, TestServer.Json);
}
