using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace SoupsActors.Silo.Tests;

/// <summary>Server-sent events byte by byte, both interfaces.</summary>
public sealed class StreamingTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task a_chat_stream_opens_with_the_role_and_ends_with_done()
    {
        var events = await ReadAsync("/v1/chat/completions", Chat(stream_options: new { include_usage = true }));
        Assert.Equal("assistant", (string?)events[0]["choices"]![0]!["delta"]!["role"]);
        Assert.Single(events, e => (string?)e["choices"]?.AsArray().FirstOrDefault()?["finish_reason"] is not null);
        Assert.Empty(events[^1]["choices"]!.AsArray());
        Assert.InRange((int)events[^1]["usage"]!["completion_tokens"]!, 1, 12);
        Assert.Single(events.Select(e => (string)e["id"]!).Distinct());
        Assert.All(events, e => Assert.Equal("chat.completion.chunk", (string?)e["object"]));
    }

    [Fact]
    public async Task without_stream_options_there_is_no_usage()
    {
        var events = await ReadAsync("/v1/chat/completions", Chat(null));
        Assert.All(events, e => Assert.Null(e["usage"]));
    }

    [Fact]
    public async Task several_answers_share_a_stream_and_each_follows_from_the_seed()
    {
        var body = new { model = "P1A", n = 3, seed = 7, stream = true, max_tokens = 10, messages = Question };
        var streamed = new string[3];
        foreach (var e in await ReadAsync("/v1/chat/completions", body))
        {
            var choice = e["choices"]![0]!;
            streamed[(int)choice["index"]!] += (string?)choice["delta"]!["content"];
        }

        using var whole = await server.Http.PostAsJsonAsync(
            "/v1/chat/completions",
            new { model = "P1A", n = 3, seed = 7, max_tokens = 10, messages = Question },
            TestContext.Current.CancellationToken);
        var choices = (await whole.Content.ReadFromJsonAsync<JsonNode>())!["choices"]!.AsArray();
        Assert.Equal(choices.Select(c => (string)c!["message"]!["content"]!), streamed);
        Assert.NotEqual(streamed[0], streamed[1]);
    }

    [Fact]
    public async Task a_plain_stream_continues_the_text_and_echoes_it_on_request()
    {
        var body = new { model = "base", prompt = "The cook", seed = 3, max_tokens = 8, echo = true, logprobs = 2 };
        using var whole = await server.Http.PostAsJsonAsync("/v1/completions", body,
            TestContext.Current.CancellationToken);
        var choice = (await whole.Content.ReadFromJsonAsync<JsonNode>())!["choices"]![0]!;
        var text = (string)choice["text"]!;
        Assert.StartsWith("The cook", text, StringComparison.Ordinal);
        Assert.Equal(8, (int)choice["logprobs"]!["text_offset"]![0]!);

        var events = await ReadAsync(
            "/v1/completions",
            new { model = "base", prompt = "The cook", seed = 3, max_tokens = 8, echo = true, stream = true });
        Assert.Equal(text, string.Concat(events.Select(e => (string?)e["choices"]![0]!["text"])));
    }

    [Fact]
    public async Task a_refusal_of_a_stream_is_a_status_not_an_event()
    {
        using var response = await server.Http.PostAsJsonAsync(
            "/v1/chat/completions",
            new { model = "soup", stream = true, soup = new { mix = new { nobody = 1 } }, messages = Question },
            TestContext.Current.CancellationToken);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task stop_texts_end_an_answer_and_are_not_part_of_it()
    {
        var free = await server.AskAsync(null, "Why?", "P2B");
        var stop = free.Substring(free.Length / 2, 1);
        using var response = await server.Http.PostAsJsonAsync(
            "/v1/chat/completions",
            new { model = "P2B", seed = 5, max_tokens = 12, stop, messages = Question },
            TestContext.Current.CancellationToken);
        var choice = (await response.Content.ReadFromJsonAsync<JsonNode>())!["choices"]![0]!;
        Assert.Equal(free[..free.IndexOf(stop, StringComparison.Ordinal)], (string?)choice["message"]!["content"]);
        Assert.Equal("stop", (string?)choice["finish_reason"]);
    }

    private static object[] Question => [new { role = "user", content = "Why?" }];

    private static object Chat(object? stream_options) =>
        new { model = "soup", user = "stream", stream = true, max_tokens = 12, stream_options, messages = Question };

    private async Task<List<JsonNode>> ReadAsync(string path, object body)
    {
        using var response = await server.Http.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.EndsWith("\n\ndata: [DONE]\n\n", text, StringComparison.Ordinal);
        return
        [
            .. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
                .Select(e => e["data: ".Length..])
                .Where(e => e != "[DONE]")
                .Select(e => JsonNode.Parse(e)!),
        ];
    }
}
