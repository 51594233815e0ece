using System.Net;

namespace SoupsActors.Silo.Tests;

/// <summary>What pages of other sites have a browser send.</summary>
public sealed class CrossSiteTests : IAsyncLifetime
{
    private readonly TestServer open = new();
    private readonly TestServer locked = new("--Soups:ApiKey=right key");

    public async ValueTask InitializeAsync()
    {
        await open.InitializeAsync();
        await locked.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await open.DisposeAsync();
        await locked.DisposeAsync();
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Origin", "https://elsewhere.example")]
    [InlineData("Origin", "http://localhost:1")]
    [InlineData("Origin", "null")]
    public async Task a_page_of_another_site_changes_nothing(string header, string value)
    {
        foreach (var path in (string[])["/v1/experts/P1A/rollback", "/v1/trainings/P1A/cancel", "/_blazor/negotiate"])
        {
            var (response, body) = await open.SendAsync(HttpMethod.Post, path, null, (header, value));
            Assert.Equal((path, HttpStatusCode.Forbidden), (path, response.StatusCode));
            Assert.Equal("cross_site_request", (string?)body!["error"]!["code"]);
        }

        var (socket, _) = await open.SendAsync(
            HttpMethod.Get, "/_blazor", null, ("Connection", "Upgrade"), ("Upgrade", "websocket"), (header, value));
        Assert.Equal(HttpStatusCode.Forbidden, socket.StatusCode);
    }

    [Fact]
    public async Task own_pages_and_programs_are_let_in()
    {
        var host = open.Http.BaseAddress!.Authority;
        (string, string)[][] all =
        [
            [], [("Sec-Fetch-Site", "same-origin")], [("Sec-Fetch-Site", "none")], [("Origin", $"http://{host}")],
            [("Origin", $"https://{host.ToUpperInvariant()}")],
            [("Sec-Fetch-Site", "same-origin"), ("Origin", "http://before.the.proxy")],
        ];
        foreach (var headers in all)
        {
            var (response, _) = await open.SendAsync(HttpMethod.Put, "/v1/users/alice/profile", "{}", headers);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task reading_is_left_to_the_browsers_own_rule()
    {
        var (response, _) = await open.SendAsync(HttpMethod.Get, "/v1/models", null, ("Sec-Fetch-Site", "cross-site"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task whoever_sends_the_key_means_it()
    {
        var (response, _) = await locked.SendAsync(
            HttpMethod.Put, "/v1/users/alice/profile", "{}",
            ("Sec-Fetch-Site", "cross-site"), ("Authorization", "Bearer right key"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        (response, _) = await locked.SendAsync(
            HttpMethod.Put, "/v1/users/alice/profile", "{}", ("Sec-Fetch-Site", "cross-site"));
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }
}
