using Microsoft.Playwright;
using SoupsActors.Dashboard.Tests.Axe;
using SoupsActors.Dashboard.Tests.Browsing;

namespace SoupsActors.Dashboard.Tests;

/// <summary>A server with an API key.</summary>
[Collection(BrowserCollection.Name)]
public sealed class SignInTests(BrowserFixture browser) : IAsyncLifetime
{
    private const string Key = "right key";

    private readonly DashboardServer server = new($"--Soups:ApiKey={Key}");

    public async ValueTask InitializeAsync() => await server.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task a_page_asks_for_the_key_and_then_opens()
    {
        await using var window = await browser.OpenAsync(server.Url);
        await window.GoAsync("/operations?tab=logs");
        Assert.Equal("/sign-in", new Uri(window.Page.Url).AbsolutePath);
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync("sign-in-wide");

        await EnterAsync(window, "wrong key");
        await window.Page.GetByText("That is not the key of this server.").WaitForAsync();
        await EnterAsync(window, Key);
        await window.Page.Locator("h1", new() { HasTextString = "Operations" }).WaitForAsync();
        Assert.EndsWith("/operations?tab=logs", window.Page.Url, StringComparison.Ordinal);

        // A link to an export works for those who signed in; nothing else does, for a cookie comes along unasked.
        Assert.Equal(200, (await window.Page.APIRequest.GetAsync("/v1/models")).Status);
        Assert.Equal(401, (await window.Page.APIRequest.DeleteAsync("/v1/users/alice")).Status);

        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Sign out" }).ClickAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await window.Page.Locator("h1", new() { HasTextString = "Sign in" }).WaitForAsync();
        Assert.Equal(401, (await window.Page.APIRequest.GetAsync("/v1/models")).Status);
        window.ShouldBeQuiet();
    }

    [Theory]
    [InlineData("https://elsewhere.example/")]
    [InlineData("//elsewhere.example/")]
    [InlineData("/\\elsewhere.example/")]
    public async Task signing_in_leads_nowhere_else(string target)
    {
        await using var window = await browser.OpenAsync(server.Url);
        await window.GoAsync("/sign-in?to=" + Uri.EscapeDataString(target));
        await EnterAsync(window, Key);
        await window.Page.Locator("h1", new() { HasTextString = "Overview" }).WaitForAsync();
        Assert.StartsWith(server.Url, window.Page.Url, StringComparison.Ordinal);
    }

    private static async Task EnterAsync(DashboardPage window, string key)
    {
        await window.Page.GetByLabel("API key").FillAsync(key);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }
}
