using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using SoupsActors.Dashboard.Tests.Axe;
using SoupsActors.Dashboard.Tests.Browsing;

namespace SoupsActors.Dashboard.Tests.Pages;

[Collection(BrowserCollection.Name)]
public sealed class OperationsTests(BrowserFixture browser)
{
    private const string Hostile = "<img src=x onerror=alert(1)> \"quoted\" & \u202Eright to left\u202C </p><script>alert(2)</script>";

    [Fact]
    public async Task the_log_is_filtered_by_gravity_and_words_and_shows_hostile_text_as_text()
    {
        await using var window = await browser.OpenAsync();
        var logger = browser.Server.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Test.Hostile");
        logger.LogWarning("A line to find. {Text} {Long}", Hostile, new string('w', 3000));
        logger.LogError(new InvalidOperationException("Broken <b>deeply</b>."), "A failure to find.");
        await window.GoAsync("/operations");

        var log = window.Page.GetByRole(AriaRole.Region, new() { Name = "Log", Exact = true });
        await Assertions.Expect(log).ToContainTextAsync("<script>alert(2)</script>");
        Assert.Equal(0, await log.Locator("img, script, b").CountAsync());
        await log.GetByLabel("Containing").FillAsync("to find");
        await Assertions.Expect(log.Locator("li")).ToHaveCountAsync(2);
        await log.GetByLabel("Show").SelectOptionAsync(new SelectOptionValue { Label = "errors" });
        await Assertions.Expect(log.Locator("li")).ToHaveCountAsync(1);
        await log.GetByText("What failed").ClickAsync();
        await Assertions.Expect(log).ToContainTextAsync("Broken <b>deeply</b>.");
        await log.GetByLabel("Containing").FillAsync("nothing has these words");
        await Assertions.Expect(log).ToContainTextAsync("No line fits");
        await window.ShouldFitAsync();
        await window.ShouldBeAccessibleAsync();
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task settings_health_methods_storage_and_licences_are_told()
    {
        await using var window = await browser.OpenAsync();
        await window.GoAsync("/operations");
        await Row("Settings in force", "Soups:Training:Niceness").WaitForAsync();
        await Assertions.Expect(Row("Settings in force", "Soups:CacheTokens")).ToContainTextAsync("8192");
        await window.Page.GetByLabel("Only those that differ from the defaults").CheckAsync();
        await Assertions.Expect(Row("Settings in force", "Soups:CacheTokens")).ToHaveCountAsync(0);
        await Assertions.Expect(Row("Calls of grains since the start", "IExpertGrain").First).ToBeVisibleAsync();
        await Assertions.Expect(Row("Storage", "database")).ToBeVisibleAsync();
        await Assertions.Expect(Row("Licences", "SQLitePCLRaw.core")).ToContainTextAsync("Apache-2.0");
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Region, new() { Name = "Health" }))
            .ToContainTextAsync("Model and experts are loaded");
        window.ShouldBeQuiet();

        ILocator Row(string panel, string text) => window.Page
            .GetByRole(AriaRole.Region, new() { Name = panel, Exact = true })
            .Locator("tr", new() { HasTextString = text });
    }
}
