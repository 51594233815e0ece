using System.Net;
using Microsoft.Extensions.Options;
using SoupsActors.Users;

namespace SoupsActors.Client.Tests;

public sealed class SoupsClientTests
{
    private const string Profile =
        """{"user":"alice","etag":"3","profile":{"mix":{"P1A":1,"P2B":0.5},"merge":"factor","normalize":false,"prompt_texts":true,"sampling":{"top_k":7}}}""";

    [Fact]
    public async Task A_profile_comes_back_typed()
    {
        using var silo = new StubSilo().Answers(HttpStatusCode.OK, Profile);
        var profile = await silo.Get<SoupsClient>().GetProfileAsync("alice/ü", TestContext.Current.CancellationToken);
        Assert.Equal("3", profile.ETag);
        Assert.Equal(0.5, profile.Profile.Mix["P2B"]);
        Assert.Equal(SoupMerge.Factor, profile.Profile.Merge);
        Assert.True(profile.Profile.PromptTexts);
        Assert.Equal(7, profile.Profile.Sampling.TopK);
        Assert.Equal("/v1/users/alice%2F%C3%BC/profile", silo.Requests[0].Path);
    }

    [Fact]
    public async Task A_write_is_repeated_with_the_same_operation_id()
    {
        using var silo = new StubSilo()
            .Breaks()
            .Answers(HttpStatusCode.ServiceUnavailable, "{}")
            .Answers(HttpStatusCode.OK, Profile);
        var write = silo.Get<SoupsClient>().SetProfileAsync(
            "alice", new SoupProfile { Mix = { ["P1A"] = 1 } }, cancellationToken: TestContext.Current.CancellationToken);
        silo.Time.Advance(TimeSpan.FromSeconds(0.25));
        silo.Time.Advance(TimeSpan.FromSeconds(0.5));
        await write;
        Assert.Equal(3, silo.Requests.Count);
        Assert.NotNull(silo.Requests[0].OperationId);
        Assert.Single(silo.Requests.Select(r => r.OperationId).Distinct());
        Assert.Contains("\"mix\":{\"P1A\":1}", silo.Requests[2].Body, StringComparison.Ordinal);
        Assert.Contains("\"merge\":\"product\"", silo.Requests[2].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_silo_says_how_long_to_wait()
    {
        using var silo = new StubSilo()
            .Answers(HttpStatusCode.TooManyRequests, "{}", retryAfter: TimeSpan.FromSeconds(30))
            .Answers(HttpStatusCode.OK, Profile);
        var read = silo.Get<SoupsClient>().GetProfileAsync("alice", TestContext.Current.CancellationToken);
        silo.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Single(silo.Requests);
        silo.Time.Advance(TimeSpan.FromSeconds(1));
        await read;
        Assert.Equal(2, silo.Requests.Count);
    }

    [Fact]
    public async Task A_refusal_is_not_repeated_and_keeps_its_message()
    {
        using var silo = new StubSilo().Answers(
            HttpStatusCode.BadRequest,
            """{"error":{"message":"No expert Q9. See /v1/experts.","type":"invalid_request_error","param":"mix","code":"unknown_expert"}}""");
        var error = await Assert.ThrowsAsync<SoupsApiException>(() => silo.Get<SoupsClient>().SetProfileAsync(
            "alice", new SoupProfile { Mix = { ["Q9"] = 1 } }, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal("No expert Q9. See /v1/experts.", error.Message);
        Assert.Equal("unknown_expert", error.Code);
        Assert.Equal("mix", error.Param);
        Assert.Single(silo.Requests);
    }

    [Fact]
    public async Task A_page_of_a_proxy_becomes_an_error_with_its_status()
    {
        using var silo = new StubSilo().Answers(HttpStatusCode.Forbidden, "<html>no</html>", "application/json");
        var error = await Assert.ThrowsAsync<SoupsApiException>(() =>
            silo.Get<SoupsClient>().ListModelsAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.Forbidden, error.Status);
        Assert.Contains("403", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_that_is_not_there_is_named()
    {
        using var silo = new StubSilo().Breaks();
        var error = await Assert.ThrowsAsync<SoupsApiException>(() => silo
            .Get<SoupsClient>(o => o.Attempts = 1)
            .ListModelsAsync(TestContext.Current.CancellationToken));
        Assert.Contains("http://localhost:5080", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_is_no_silos_is_told_from_an_answer()
    {
        using var silo = new StubSilo().Answers(HttpStatusCode.OK, "<html>Welcome</html>", "text/html");
        var error = await Assert.ThrowsAsync<SoupsApiException>(() =>
            silo.Get<SoupsClient>().ListModelsAsync(TestContext.Current.CancellationToken));
        Assert.Equal("not_a_silo", error.Code);
        Assert.Contains("http://localhost:5080/v1/models", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_that_takes_too_long_is_not_repeated()
    {
        using var silo = new StubSilo().Hangs();
        var client = silo.Get<SoupsClient>(o => o.RetryDelay = TimeSpan.Zero);
        var write = client.ForgetAsync("alice", cancellationToken: TestContext.Current.CancellationToken);
        silo.Time.Advance(new SoupsClientOptions().Timeout);
        var error = await Assert.ThrowsAsync<SoupsApiException>(() => write);
        Assert.Equal("no_answer", error.Code);
        Assert.Single(silo.Requests);
    }

    [Fact]
    public async Task Versions_of_an_expert_are_pinned_unpinned_and_rolled_back()
    {
        const string Expert =
            """{"id":"a/b","current":{"number":2,"hash":"h","rank":4,"targets":[],"provenance":{}},"pinned":true,"versions":[]}""";
        using var silo = new StubSilo()
            .Answers(HttpStatusCode.OK, Expert).Answers(HttpStatusCode.OK, Expert).Answers(HttpStatusCode.OK, Expert);
        var client = silo.Get<SoupsClient>();
        var stop = TestContext.Current.CancellationToken;
        Assert.True((await client.PinExpertAsync("a/b", 2, cancellationToken: stop)).Pinned);
        await client.UnpinExpertAsync("a/b", "mine", stop);
        Assert.Equal(2, (await client.RollBackExpertAsync("a/b", cancellationToken: stop)).Current.Number);
        Assert.Equal(
            [
                (HttpMethod.Post, "/v1/experts/a%2Fb/pin", """{"version":2}"""),
                (HttpMethod.Delete, "/v1/experts/a%2Fb/pin", ""),
                (HttpMethod.Post, "/v1/experts/a%2Fb/rollback", ""),
            ],
            silo.Requests.Select(r => (r.Method, r.Path, r.Body)));
        Assert.Equal("mine", silo.Requests[1].OperationId);
    }

    [Fact]
    public async Task The_key_is_sent()
    {
        using var silo = new StubSilo().Answers(HttpStatusCode.OK, """{"object":"list","data":[{"id":"base"}]}""");
        var models = await silo.Get<SoupsClient>(o => o.ApiKey = "secret").ListModelsAsync(TestContext.Current.CancellationToken);
        Assert.Equal("base", Assert.Single(models).Id);
        Assert.Equal("Bearer secret", silo.Requests[0].Authorization);
    }

    [Theory]
    [InlineData("ftp://example.org")]
    [InlineData("relative")]
    public void A_wrong_endpoint_is_refused_with_the_setting_named(string endpoint)
    {
        using var silo = new StubSilo();
        var options = silo.Get<IOptions<SoupsClientOptions>>(o => o.Endpoint = new Uri(endpoint, UriKind.RelativeOrAbsolute));
        var error = Assert.Throws<OptionsValidationException>(() => options.Value);
        Assert.Contains("Soups:Client:Endpoint", error.Message, StringComparison.Ordinal);
    }
}
