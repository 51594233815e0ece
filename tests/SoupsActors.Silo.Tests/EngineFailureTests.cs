using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using SoupsActors.Grains.Generation;

namespace SoupsActors.Silo.Tests;

/// <summary>What clients see when the engine refuses or breaks, and what the engine sees when clients leave.</summary>
public sealed class EngineFailureTests : IAsyncLifetime
{
    private readonly GatedEngine engine = new();
    private readonly TestServer server;

    public EngineFailureTests() => server = new(["--Logging:LogLevel:Default=None"], services => services.AddSingleton<ITextEngine>(engine));

    public ValueTask InitializeAsync() => server.InitializeAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task a_client_that_leaves_frees_its_row(bool stream)
    {
        using var leave = new CancellationTokenSource();
        engine.Permits.Writer.TryWrite(true);
        using var request = Request(stream);
        var sending = server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leave.Token);
        if (stream)
        {
            using var response = await sending;
            await leave.CancelAsync();
            response.Dispose();
        }
        else
        {
            await engine.RowBegan.WaitAsync(TestContext.Current.CancellationToken);
            await leave.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        }

        await engine.RowEnded.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, engine.Rows);
    }

    [Fact]
    public async Task a_busy_engine_is_429_with_the_time_to_wait()
    {
        engine.Refusal = new SoupsException(SoupsError.Busy, "All places are taken.", "engine_busy");
        var (response, body) = await server.SendAsync(HttpMethod.Post, "/v1/chat/completions", Body(stream: true));
        Assert.Equal(429, (int)response.StatusCode);
        Assert.Equal("2", response.Headers.GetValues("Retry-After").Single());
        Assert.Equal("rate_limit_error", (string?)body!["error"]!["type"]);
    }

    [Fact]
    public async Task an_unexpected_failure_tells_nothing_of_its_inside()
    {
        engine.Refusal = new InvalidTimeZoneException("secret detail");
        var (response, body) = await server.SendAsync(HttpMethod.Post, "/v1/chat/completions", Body(stream: false));
        Assert.Equal(500, (int)response.StatusCode);
        Assert.DoesNotContain("secret", body!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_stream_that_breaks_ends_with_an_error_and_without_done()
    {
        engine.Breakdown = new InvalidTimeZoneException("secret detail");
        engine.Permits.Writer.TryWrite(true);
        engine.Permits.Writer.TryWrite(true);
        using var response = await server.Http.SendAsync(Request(stream: true), TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Contains("word ", text, StringComparison.Ordinal);
        Assert.Contains("\"internal_error\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_stream_whose_generator_is_lost_ends_with_an_error_that_says_so()
    {
        engine.Breakdown = new SiloUnavailableException("The silo at 10.0.0.7 is gone.");
        engine.Permits.Writer.TryWrite(true);
        engine.Permits.Writer.TryWrite(true);
        using var response = await server.Http.SendAsync(Request(stream: true), TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("word ", text, StringComparison.Ordinal);
        Assert.Contains("\"generator_lost\"", text, StringComparison.Ordinal);
        Assert.Contains("middle of the answer", text, StringComparison.Ordinal);
        Assert.DoesNotContain("10.0.0.7", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_generator_that_cannot_be_reached_is_503_with_the_time_to_wait()
    {
        engine.Refusal = new TimeoutException("no answer");
        var (response, body) = await server.SendAsync(HttpMethod.Post, "/v1/chat/completions", Body(stream: false));
        Assert.Equal(503, (int)response.StatusCode);
        Assert.Equal("generator_lost", (string?)body!["error"]!["code"]);
        Assert.NotEmpty(response.Headers.GetValues("Retry-After"));
    }

    private static HttpRequestMessage Request(bool stream) => new(HttpMethod.Post, "/v1/chat/completions")
    {
        Content = new StringContent(Body(stream), System.Text.Encoding.UTF8, "application/json"),
    };

    private static string Body(bool stream) =>
        $$"""{"model":"soup","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"hi"}]}""";
}
