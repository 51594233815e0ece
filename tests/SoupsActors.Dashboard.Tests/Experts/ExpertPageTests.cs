using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using SoupsActors.Dashboard.Tests.Axe;
using SoupsActors.Dashboard.Tests.Browsing;
using SoupsActors.Miniature.Recipe;

namespace SoupsActors.Dashboard.Tests.Experts;

[Collection(BrowserCollection.Name)]
public sealed class ExpertPageTests(BrowserFixture browser)
{
    [Fact]
    public async Task the_map_shows_every_pole_with_its_expert_and_where_it_comes_from()
    {
        await using var window = await browser.OpenAsync();
        await window.GoAsync("/experts");
        await window.Page.Locator(".pole-card").First.WaitForAsync();
        foreach (var pole in Miniature.Preferences.All.Select(p => p.Pole))
            await window.Page.GetByRole(AriaRole.Link, new() { Name = pole, Exact = true }).WaitForAsync();
        await window.Page.GetByText("of answers meet it").First.WaitForAsync();
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "child", Exact = true }).ClickAsync();
        await window.Page.Locator("h1", new() { HasTextString = "Expert P1A" }).WaitForAsync();
        await window.Page.GetByText("PPO", new() { Exact = true }).WaitForAsync();
        await window.Page.GetByText("nats per token").WaitForAsync();

        // What is asked for becomes resident, and the page shows it without being loaded again.
        var messages = new[] { new { role = "user", content = "Why is the sky blue?" } };
        var request = new { model = "P1A", max_tokens = 4, messages };
        await browser.Server.Http.PostAsJsonAsync("/v1/chat/completions", request);
        var generators = await browser.Server.Http.GetFromJsonAsync<JsonNode>("/v1/generators");
        var generator = (string)Assert.Single(generators!["data"]!.AsArray())!["id"]!;
        await window.Page.GetByText($"on {generator}", new() { Exact = true }).WaitForAsync();
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task an_expert_is_registered_pinned_rolled_back_and_removed()
    {
        const string id = "demo-expert";
        Copy("P1A", "demo/v1");
        Copy("P1B", "demo/v2");
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        await window.GoAsync("/experts");
        await RegisterAsync(window, "demo/v1", id);
        await RegisterAsync(window, "demo/v2", id);
        Assert.Equal((2, false), await CurrentAsync(id));

        await page.GetByRole(AriaRole.Link, new() { Name = id, Exact = true }).ClickAsync();
        await page.Locator("h1", new() { HasTextString = id }).WaitForAsync();
        await AskAsync(window, "Roll back", "Cancel");
        Assert.Equal((2, false), await CurrentAsync(id));
        await AskAsync(window, "Roll back", "Roll back", "is back at version 1");
        Assert.Equal((1, true), await CurrentAsync(id));
        await AskAsync(window, "Lift the pin", "Lift the pin", "follows its newest version");
        Assert.Equal((2, false), await CurrentAsync(id));
        await page.Locator("summary", new() { HasTextString = "Version 1" }).ClickAsync();
        await AskAsync(window, "Pin version 1", "Pin", "is pinned");
        Assert.Equal((1, true), await CurrentAsync(id));
        await page.Locator(".badge.warn", new() { HasTextString = "pinned" }).WaitForAsync();
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync("expert-wide");
        await AskAsync(window, "Remove", "Remove", "is removed");
        await page.Locator("h1", new() { HasTextString = "Experts" }).WaitForAsync();
        Assert.Equal(404, (int)(await browser.Server.Http.GetAsync($"/v1/experts/{id}")).StatusCode);
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task a_folder_that_is_no_expert_is_refused_in_words()
    {
        Directory.CreateDirectory(Path.Combine(browser.Server.ImportDirectory, "empty"));
        await using var window = await browser.OpenAsync(WindowKind.Narrow);
        await window.GoAsync("/experts");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Register from a folder" }).ClickAsync();
        await FillAsync(window, "empty", "nothing-here");
        await window.ShouldFitAsync();
        await window.ShouldBeAccessibleAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Register", Exact = true }).ClickAsync();
        var dialog = window.Page.GetByRole(AriaRole.Dialog);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Register" }).ClickAsync();
        await window.Page.Locator(".toast.failed", new() { HasTextString = "adapter_config.json" }).WaitForAsync();
        await window.ScreenshotAsync("experts-register-narrow");
        window.ShouldBeQuiet();
    }

    [Theory]
    [InlineData(WindowKind.Dark)]
    [InlineData(WindowKind.Narrow)]
    public async Task one_expert_is_readable_in_every_layout(WindowKind kind)
    {
        await using var window = await browser.OpenAsync(kind);
        await window.GoAsync("/experts/P2B");
        await window.Page.GetByText("Reward model", new() { Exact = true }).First.WaitForAsync();
        await window.ShouldFitAsync();
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync($"expert-{kind.ToString().ToLowerInvariant()}");
        window.ShouldBeQuiet();
    }

    private static async Task RegisterAsync(DashboardPage window, string path, string id)
    {
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Register from a folder" }).ClickAsync();
        await FillAsync(window, path, id);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Register", Exact = true }).ClickAsync();
        var dialog = window.Page.GetByRole(AriaRole.Dialog);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Register" }).ClickAsync();
        await window.Page.Locator(".toast", new() { HasTextString = $"version {path[^1]} is current" }).WaitForAsync();
    }

    private static async Task FillAsync(DashboardPage window, string path, string id)
    {
        await window.Page.GetByLabel("Folder below the import directory").FillAsync(path);
        await window.Page.GetByLabel("Expert’s id").FillAsync(id);
    }

    private static async Task AskAsync(DashboardPage window, string button, string answer, string? done = null)
    {
        var main = window.Page.Locator("main");
        await main.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
        var dialog = window.Page.GetByRole(AriaRole.Dialog);
        await dialog.GetByRole(AriaRole.Button, new() { Name = answer, Exact = true }).ClickAsync();
        await dialog.WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        if (done is not null)
            await window.Page.Locator(".toast", new() { HasTextString = done }).WaitForAsync();
    }

    private async Task<(int Version, bool Pinned)> CurrentAsync(string id)
    {
        var expert = await browser.Server.Http.GetFromJsonAsync<JsonNode>($"/v1/experts/{id}");
        return ((int)expert!["current"]!["number"]!, (bool)expert["pinned"]!);
    }

    private void Copy(string expert, string to)
    {
        var from = Path.Combine(MiniatureFolder.Packaged.Root, "experts", expert);
        var target = Directory.CreateDirectory(Path.Combine(browser.Server.ImportDirectory, to));
        foreach (var file in Directory.EnumerateFiles(from))
            File.Copy(file, Path.Combine(target.FullName, Path.GetFileName(file)), overwrite: true);
    }
}
