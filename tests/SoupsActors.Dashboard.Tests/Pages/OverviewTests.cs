using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using SoupsActors.Dashboard.Tests.Axe;
using SoupsActors.Dashboard.Tests.Browsing;

namespace SoupsActors.Dashboard.Tests.Pages;

[Collection(BrowserCollection.Name)]
public sealed class OverviewTests(BrowserFixture browser)
{
    private static readonly JsonSerializerOptions NamesAsTheyAre = new();

    [Fact]
    public async Task the_overview_shows_what_the_silo_serves_while_it_serves()
    {
        await using var window = await browser.OpenAsync();
        await window.GoAsync("/");
        foreach (var user in (string[])["ada", "ben", "cleo"])
            await AskAsync(user, new { P2A = 1 });

        await Assertions.Expect(window.Page.GetByRole(AriaRole.Region, new() { Name = "Silos", Exact = true }).Nth(0))
            .ToContainTextAsync("ready");
        var figures = window.Page.GetByRole(AriaRole.Region, new() { Name = "Serving over the last minute" });
        var rate = figures.Locator(".stat", new() { HasTextString = "Tokens generated" }).Locator(".number");
        await Assertions.Expect(rate).Not.ToHaveTextAsync("0 /s", new() { Timeout = 40_000 });
        await Assertions.Expect(figures.Locator(".stat", new() { HasTextString = "Time to first token" }).Locator(".number"))
            .Not.ToHaveTextAsync("–");
        await Assertions.Expect(window.Page.Locator(".activations", new() { HasTextString = "UserGrain" })).ToBeVisibleAsync();
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync("overview-serving");
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task anyone_can_ask_for_what_the_overview_shows()
    {
        var silo = Assert.Single((await browser.Server.Http.GetFromJsonAsync<JsonNode>("/v1/cluster"))!["silos"]!.AsArray());
        Assert.Equal(Environment.ProcessId, (int)silo!["identity"]!["process_id"]!);
        Assert.Equal("miniature", (string?)silo["state"]!["model"]);
        Assert.True((long)silo["state"]!["memory_bytes"]! > 0);
    }

    private async Task AskAsync(string user, object mix)
    {
        using var response = await browser.Server.Http.PostAsJsonAsync("/v1/chat/completions", new
        {
            model = "soup",
            user,
            soup = new { mix },
            messages = new[] { new { role = "user", content = "What is a volcano?" } },
        }, NamesAsTheyAre);
        response.EnsureSuccessStatusCode();
    }
}
