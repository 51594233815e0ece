using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using SoupsActors.Dashboard.Tests.Axe;
using SoupsActors.Dashboard.Tests.Browsing;

namespace SoupsActors.Dashboard.Tests.Pages;

/// <summary>A server that nobody has asked anything.</summary>
[Collection(BrowserCollection.Name)]
public sealed partial class FirstStepsTests(BrowserFixture browser) : IAsyncLifetime
{
    private const string Key = "first key";

    private readonly DashboardServer server = new();

    public async ValueTask InitializeAsync() => await server.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task a_new_silo_says_what_to_do_next_and_its_command_works()
    {
        foreach (var kind in (WindowKind[])[WindowKind.Narrow | WindowKind.Dark, WindowKind.Dark, WindowKind.Narrow])
        {
            await using var other = await browser.OpenAsync(server.Url, kind);
            await other.GoAsync("/");
            await other.Page.Locator(".first-steps").WaitForAsync();
            await other.ShouldFitAsync();
            await other.ShouldBeAccessibleAsync();
        }

        await using var window = await browser.OpenAsync(server.Url);
        await window.GoAsync("/");
        var command = await window.Page.Locator(".command").InnerTextAsync();
        Assert.Equal(0, await window.Page.Locator(".figures").CountAsync());
        await window.ScreenshotAsync("overview-new");
        Assert.DoesNotContain("authorization", command, StringComparison.Ordinal);
        Assert.StartsWith($"curl {server.Url}/v1/chat/completions", command, StringComparison.Ordinal);
        using var body = new StringContent(Body().Match(command).Value, Encoding.UTF8, "application/json");
        using var answer = await server.Http.PostAsync("/v1/chat/completions", body, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");

        // The page follows: charts take the place of the advice.
        await window.Page.Locator(".figures").WaitForAsync(new() { Timeout = 60_000 });
        Assert.Equal(0, await window.Page.Locator(".first-steps").CountAsync());
        await window.Page.GetByRole(AriaRole.Heading, new() { Name = "Tokens per second" }).WaitForAsync();
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task where_a_key_is_asked_for_the_command_brings_it()
    {
        await using var locked = new DashboardServer($"--Soups:ApiKey={Key}");
        await locked.StartAsync();
        await using var window = await browser.OpenAsync(locked.Url);
        await window.Page.GotoAsync("/");
        await window.Page.GetByLabel("API key").FillAsync(Key);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        var command = await window.Page.Locator(".command").InnerTextAsync();
        Assert.Contains("authorization: Bearer $SOUPS_API_KEY", command, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, command, StringComparison.Ordinal);
    }

    [GeneratedRegex("(?<=-d ')[^']+")]
    private static partial Regex Body();
}
