using System.Net;
using System.Text.Json;
using Microsoft.Extensions.AI;
using SoupsActors.Users;

namespace SoupsActors.Client.Tests;

public sealed class SoupsChatClientTests
{
    private const string Answer =
        """{"id":"c1","model":"soup","choices":[{"index":0,"message":{"role":"assistant","content":"Hi!"}}]}""";

    [Fact]
    public async Task User_and_mix_travel_in_the_options()
    {
        using var silo = new StubSilo().Answers(
            HttpStatusCode.OK,
            """{"id":"c1","object":"chat.completion","created":1767225600,"model":"soup","choices":[{"index":0,"message":{"role":"assistant","content":"Hi!"},"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":2,"total_tokens":6}}""");
        using var chat = silo.Get<SoupsChatClient>();
        var options = new ChatOptions { TopK = 5, MaxOutputTokens = 9, Seed = 3, StopSequences = ["END"], Instructions = "Be kind." }
            .WithUser("alice")
            .WithMix(new Dictionary<string, double> { ["P1A"] = 1, ["P2B"] = -0.5 })
            .WithMerge(SoupMerge.Factor)
            .WithPromptTexts();

        var response = await chat.GetResponseAsync("Hello", options, TestContext.Current.CancellationToken);

        Assert.Equal("Hi!", response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal(6, response.Usage!.TotalTokenCount);
        using var body = JsonDocument.Parse(silo.Requests[0].Body);
        var root = body.RootElement;
        Assert.Equal("soup", root.GetProperty("model").GetString());
        Assert.Equal("alice", root.GetProperty("user").GetString());
        Assert.Equal(9, root.GetProperty("max_tokens").GetInt32());
        Assert.Equal("END", root.GetProperty("stop")[0].GetString());
        Assert.Equal("system", root.GetProperty("messages")[0].GetProperty("role").GetString());
        var soup = root.GetProperty("soup");
        Assert.Equal(-0.5, soup.GetProperty("mix").GetProperty("P2B").GetDouble());
        Assert.Equal("factor", soup.GetProperty("merge").GetString());
        Assert.True(soup.GetProperty("prompt_texts").GetBoolean());
        Assert.Equal(5, soup.GetProperty("top_k").GetInt32());
    }

    [Fact]
    public async Task A_stream_arrives_piece_by_piece_with_the_usage_at_its_end()
    {
        using var silo = new StubSilo().Answers(
            HttpStatusCode.OK,
            """
            data: {"id":"c1","object":"chat.completion.chunk","model":"soup","choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"}}]}

            data: {"id":"c1","object":"chat.completion.chunk","model":"soup","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"length"}]}

            data: {"id":"c1","object":"chat.completion.chunk","model":"soup","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}

            data: [DONE]


            """,
            "text/event-stream");
        using var chat = silo.Get<SoupsChatClient>();
        var updates = await chat
            .GetStreamingResponseAsync("Hi", cancellationToken: TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["Hel", "lo", ""], updates.Select(u => u.Text));
        Assert.Equal(ChatFinishReason.Length, updates[1].FinishReason);
        Assert.Equal(3, updates.ToChatResponse().Usage!.TotalTokenCount);
    }

    [Theory]
    [InlineData("data: {\"error\":{\"message\":\"The model failed.\",\"code\":\"engine_failed\"}}\n\n", "The model failed.")]
    [InlineData("data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\n\n", "broke off")]
    public async Task A_stream_that_fails_does_not_look_complete(string stream, string message)
    {
        using var silo = new StubSilo().Answers(HttpStatusCode.OK, stream, "text/event-stream");
        using var chat = silo.Get<SoupsChatClient>();
        var error = await Assert.ThrowsAsync<SoupsApiException>(async () => await chat
            .GetStreamingResponseAsync("Hi", cancellationToken: TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_question_that_is_asked_again_is_the_same_operation(bool breaks)
    {
        using var silo = breaks
            ? new StubSilo().Breaks()
            : new StubSilo().Answers(HttpStatusCode.ServiceUnavailable, "{}");
        silo.Answers(HttpStatusCode.OK, Answer).Answers(HttpStatusCode.OK, Answer);
        using var chat = silo.Get<SoupsChatClient>();
        var options = new ChatOptions().WithUser("alice").WithStoredHistory();
        var asking = chat.GetResponseAsync("Hello", options, TestContext.Current.CancellationToken);
        silo.Time.Advance(TimeSpan.FromSeconds(0.25));
        Assert.Equal("Hi!", (await asking).Text);
        await chat.GetResponseAsync("Hello", options, TestContext.Current.CancellationToken);
        var ids = silo.Requests.Select(r => r.OperationId).ToArray();
        Assert.Equal(3, ids.Length);
        Assert.NotNull(ids[0]);
        Assert.Equal(ids[0], ids[1]);
        Assert.NotEqual(ids[0], ids[2]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_that_takes_too_long_is_not_asked_for_again(bool stream)
    {
        using var silo = new StubSilo().Hangs();
        using var chat = silo.Get<SoupsChatClient>(
            o => (o.Timeout, o.RetryDelay) = (TimeSpan.FromSeconds(30), TimeSpan.Zero));
        var asking = stream
            ? chat.GetStreamingResponseAsync("Hi", cancellationToken: TestContext.Current.CancellationToken)
                .ToListAsync(TestContext.Current.CancellationToken).AsTask()
            : (Task)chat.GetResponseAsync("Hi", cancellationToken: TestContext.Current.CancellationToken);
        silo.Time.Advance(TimeSpan.FromSeconds(30));
        var error = await Assert.ThrowsAsync<SoupsApiException>(() => asking);
        Assert.Equal((HttpStatusCode.GatewayTimeout, "no_answer"), (error.Status, error.Code));
        Assert.Contains("30 s", error.Message, StringComparison.Ordinal);
        Assert.Contains("Soups:Client:Timeout", error.Message, StringComparison.Ordinal);
        Assert.Single(silo.Requests);
    }

    [Fact]
    public async Task An_answer_that_took_a_proxy_too_long_is_not_asked_for_again()
    {
        using var silo = new StubSilo().Answers(HttpStatusCode.GatewayTimeout, "<html>", "text/html");
        using var chat = silo.Get<SoupsChatClient>(o => o.RetryDelay = TimeSpan.Zero);
        var error = await Assert.ThrowsAsync<SoupsApiException>(() =>
            chat.GetResponseAsync("Hi", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.GatewayTimeout, error.Status);
        Assert.Single(silo.Requests);
    }

    [Fact]
    public async Task Tools_are_refused_before_anything_is_sent()
    {
        using var silo = new StubSilo();
        using var chat = silo.Get<SoupsChatClient>();
        var options = new ChatOptions { Tools = [new HostedWebSearchTool()] };
        await Assert.ThrowsAsync<NotSupportedException>(() =>
            chat.GetResponseAsync("Hi", options, TestContext.Current.CancellationToken));
        Assert.Empty(silo.Requests);
    }

    [Fact]
    public void The_client_describes_itself()
    {
        using var silo = new StubSilo();
        using var chat = silo.Get<IChatClient>();
        var metadata = Assert.IsType<ChatClientMetadata>(chat.GetService(typeof(ChatClientMetadata)));
        Assert.Equal("soups", metadata.ProviderName);
        Assert.Same(chat, chat.GetService(typeof(SoupsChatClient)));
        Assert.Null(chat.GetService(typeof(string)));
    }
}
