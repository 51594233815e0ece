using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Silo.Http;

namespace SoupsActors.Silo.Tests;

public sealed class AccessTests : IAsyncLifetime
{
    private readonly TestServer server = new("--Soups:ApiKey=right key");

    public ValueTask InitializeAsync() => server.InitializeAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task every_route_has_a_policy_and_all_but_health_and_assets_ask_for_the_key()
    {
        var open = new List<string>();
        var pages = new List<string>();
        var routes = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToArray();
        Assert.True(routes.Length > 20);
        foreach (var route in routes)
        {
            var policy = route.Metadata.GetMetadata<AccessPolicyMetadata>();
            Assert.True(policy is not null, $"{route.DisplayName} has no policy.");
            if (policy.Policy == AccessPolicy.Open)
            {
                open.Add(route.RoutePattern.RawText!);
                continue;
            }

            var path = route.RoutePattern.RawText!.Replace("{id}", "P1A", StringComparison.Ordinal)
                .Replace("{user}", "alice", StringComparison.Ordinal)
                .Replace("{documentName}", "v1", StringComparison.Ordinal);
            if (policy.Policy == AccessPolicy.Page)
            {
                pages.Add(path);
                continue;
            }

            var method = route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0];
            var (response, body) = await server.SendAsync(new HttpMethod(method), path, method == "GET" ? null : "{}");
            Assert.Equal((path, 401), (path, (int)response.StatusCode));
            Assert.Equal("invalid_api_key", (string?)body!["error"]!["code"]);
        }

        Assert.Equal(
            ["/_assets/{tag}/{name}", "/health/live", "/health/ready", "/health/startup", "/sign-in"],
            open.Order(StringComparer.Ordinal));
        Assert.Contains("/", pages);
        Assert.Contains("/users", pages);
        Assert.Contains(pages, path => path.StartsWith("/_blazor", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/users?search=alice")]
    public async Task a_page_leads_those_who_have_not_signed_in_to_where_they_do(string path)
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false })
        {
            BaseAddress = server.Http.BaseAddress,
        };
        using var page = await http.GetAsync(path);
        Assert.Equal(302, (int)page.StatusCode);
        Assert.Equal("/sign-in?to=" + Uri.EscapeDataString(path), page.Headers.Location!.OriginalString);
        using var forged = new HttpRequestMessage(HttpMethod.Get, path);
        forged.Headers.Add("Cookie", "soups-operator=99999999999.00");
        Assert.Equal(302, (int)(await http.SendAsync(forged)).StatusCode);
    }

    [Theory]
    [InlineData("/_blazor/negotiate?negotiateVersion=1")]
    [InlineData("/_blazor/disconnect")]
    public async Task the_pages_connection_is_closed_to_those_who_have_not_signed_in(string path)
    {
        var (response, _) = await server.SendAsync(HttpMethod.Post, path, "{}");
        Assert.Equal(401, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("Bearer right key", 200)]
    [InlineData("bearer right key", 200)]
    [InlineData("Bearer wrong key", 401)]
    [InlineData("Bearer right key and more", 401)]
    [InlineData("Bearer ", 401)]
    [InlineData("right key", 401)]
    [InlineData("Basic right key", 401)]
    public async Task the_key_is_a_bearer_token(string header, int status)
    {
        var (response, _) = await server.SendAsync(HttpMethod.Get, "/v1/models", null, ("Authorization", header));
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task an_unknown_route_tells_nothing_without_the_key()
    {
        var (response, _) = await server.SendAsync(HttpMethod.Get, "/v1/nothing");
        Assert.Equal(401, (int)response.StatusCode);
    }

    [Fact]
    public async Task health_is_open()
    {
        foreach (var check in (string[])["live", "ready", "startup"])
            Assert.Equal(200, (int)(await server.Http.GetAsync("/health/" + check)).StatusCode);
    }

    [Fact]
    public async Task the_openapi_document_describes_the_routes()
    {
        var (response, document) = await server.SendAsync(
            HttpMethod.Get, "/openapi/v1.json", null, ("Authorization", "Bearer right key"));
        Assert.Equal(200, (int)response.StatusCode);
        var paths = document!["paths"]!.AsObject();
        Assert.NotNull(paths["/v1/chat/completions"]!["post"]!["requestBody"]);
        Assert.NotNull(paths["/v1/users/{user}/profile"]!["put"]!["responses"]!["412"]);
        Assert.NotNull(paths["/v1/experts"]!["post"]);
    }
}
