using Microsoft.Playwright;
using SoupsActors.Dashboard.Tests.Axe;
using SoupsActors.Dashboard.Tests.Browsing;
using SoupsActors.Testing;

namespace SoupsActors.Dashboard.Tests.Experiments;

/// <summary>
/// A server that finds reports. SOUPS_EXPERIMENTS names a folder with real ones, to look at their screenshots.
/// </summary>
[Collection(BrowserCollection.Name)]
public sealed class ExperimentsPageTests(BrowserFixture browser) : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private DashboardServer? server;

    public async ValueTask InitializeAsync()
    {
        server = new DashboardServer($"--Soups:Experiments:Directory={SampleReports.WriteAll(folder.Path)}");
        await server.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await server!.DisposeAsync();
        folder.Dispose();
    }

    [Theory]
    [InlineData("soups", "Win rates")]
    [InlineData("sixteen", "What it cost")]
    [InlineData("sweep", "λ sweep with its chord")]
    [InlineData("overopt", "Best of n")]
    [InlineData("conflict", "Calibration")]
    public async Task a_report_is_shown_in_every_layout(string run, string panel)
    {
        foreach (var kind in (WindowKind[])[WindowKind.Wide, WindowKind.Dark, WindowKind.Narrow])
        {
            await using var window = await browser.OpenAsync(server!.Url, kind);
            await window.GoAsync($"/experiments?run={run}");
            await window.Page.GetByRole(AriaRole.Heading, new() { Name = panel, Exact = true }).WaitForAsync();
            var claims = await window.Page.Locator(".claims").InnerTextAsync();
            Assert.Contains("It works <b>well</b>.", claims, StringComparison.Ordinal);
            await window.ShouldFitAsync();
            await window.ShouldBeAccessibleAsync();
            await window.ScreenshotAsync($"experiments-{run}-{kind.ToString().ToLowerInvariant()}");
            window.ShouldBeQuiet();
        }
    }

    [Fact]
    public async Task calibration_is_drawn_for_MORE_beside_a_scheme_of_choice_and_an_older_report_says_what_it_lacks()
    {
        await using var window = await browser.OpenAsync(server!.Url);
        await window.GoAsync("/experiments?run=conflict");
        var diagram = window.Page.Locator(".reliability");
        await Assertions.Expect(diagram.Locator(".legend")).ToHaveTextAsync("MOREmixingperfectly calibrated");
        Assert.Equal(4, await diagram.Locator("svg[role=img] .dot").CountAsync());
        await window.Page.GetByLabel("Beside MORE").SelectOptionAsync("balanced mixing");
        await Assertions.Expect(diagram.Locator("svg[role=img] .dot")).ToHaveCountAsync(3);
        await diagram.GetByText("Numbers as a table").ClickAsync();
        await Assertions.Expect(diagram.Locator("tbody tr").Last).ToContainTextAsync("balanced mixing");
        await window.Page.GetByText("This run has no bins").WaitForAsync();
        await window.ShouldBeAccessibleAsync();
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task every_column_of_a_report_can_be_seen_on_a_wide_screen()
    {
        await using var window = await browser.OpenAsync(server!.Url);
        await window.GoAsync("/experiments?run=conflict");
        await window.Page.Locator(".bars").First.WaitForAsync();
        Assert.Empty(await window.Page.Locator(".scroll").EvaluateAllAsync<string[]>(
            "all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.ariaLabel)"));
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task win_rates_show_counts_on_hover_and_for_the_keyboard()
    {
        await using var window = await browser.OpenAsync(server!.Url);
        await window.GoAsync("/experiments");
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "psoups soups" }).ClickAsync();
        var row = window.Page.Locator("table.heat tbody tr", new() { HasText = "soup product" });
        var cell = row.Locator("td").First;
        Assert.Equal("soup product against base: 90 / 5 / 5 (W / T / L)", await cell.GetAttributeAsync("title"));
        Assert.Contains("94.7%", await cell.InnerTextAsync(), StringComparison.Ordinal);
        await window.Page.GetByLabel("Show wins / ties / losses").FocusAsync();
        await window.Page.Keyboard.PressAsync("Space");
        await cell.GetByText("90 / 5 / 5").WaitForAsync();
        await window.Page.GetByLabel("Combination").SelectOptionAsync("P1A + P2A");
        await cell.GetByText("3 / 2 / 1").WaitForAsync();
        await window.Page.GetByText("The whole report").ClickAsync();
        await window.Page.GetByText("The <i>whole</i> report.").WaitForAsync();
        await window.ShouldBeAccessibleAsync();
        window.ShouldBeQuiet();
    }

    [Theory]
    [InlineData("half", "results.json is not JSON")]
    [InlineData("foreign", "is no report of an experiment")]
    [InlineData("running", "goes on with it")]
    [InlineData("../soups", "There is no run")]
    [InlineData("odd <b>name", "has another shape than this dashboard knows")]
    public async Task what_cannot_be_shown_says_why(string run, string words)
    {
        await using var window = await browser.OpenAsync(server!.Url);
        await window.GoAsync("/experiments?run=" + Uri.EscapeDataString(run));
        await window.Page.Locator(".problem").GetByText(words).WaitForAsync();
        await window.ShouldBeAccessibleAsync();
        if (run == "half")
            await window.ScreenshotAsync("experiments-damaged-wide");
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task real_reports_are_shown_where_there_are_some()
    {
        var real = Environment.GetEnvironmentVariable("SOUPS_EXPERIMENTS");
        Assert.SkipWhen(string.IsNullOrEmpty(real), "SOUPS_EXPERIMENTS names no folder with reports of experiments.");
        await using var own = new DashboardServer($"--Soups:Experiments:Directory={real}");
        await own.StartAsync();
        await using var window = await browser.OpenAsync(own.Url);
        await window.GoAsync("/experiments");
        var addresses = await window.Page.Locator("nav.runs a").EvaluateAllAsync<string[]>(
            "links => links.map(a => a.getAttribute('href'))");
        foreach (var address in addresses)
        {
            await window.GoAsync(address);
            await window.Page.Locator("section.panel").First.WaitForAsync();
            Assert.Equal(0, await window.Page.Locator(".problem").CountAsync());
            await window.ShouldFitAsync();
            await window.ShouldBeAccessibleAsync();
            await window.ScreenshotAsync("experiments-real-" + address.Split('=')[^1].Trim('/'));
        }

        window.ShouldBeQuiet();
    }
}
