using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using SoupsActors.Dashboard.Tests.Axe;
using SoupsActors.Dashboard.Tests.Browsing;
using SoupsActors.Feedback;
using SoupsActors.Generation;

namespace SoupsActors.Dashboard.Tests.Pages;

[Collection(BrowserCollection.Name)]
public sealed class NarrowTests(BrowserFixture browser)
{
    [Theory]
    [InlineData("/", ".silos tbody tr")]
    [InlineData("/operations", "table tbody tr")]
    [InlineData("/users", ".users-table tbody tr")]
    [InlineData("/training", "#detail")]
    [InlineData("/experts", ".pole-card")]
    [InlineData("/feedback", ".stream tbody tr")]
    public async Task on_a_telephone_nothing_has_to_be_scrolled_sideways(string path, string content)
    {
        using var stored = await browser.Server.Http.PutAsJsonAsync(
            "/v1/users/narrow-user/profile", new { mix = new Dictionary<string, double> { ["P1A"] = 1, ["P2B"] = -0.5 } });
        var grains = browser.Server.Services.GetRequiredService<IGrainFactory>();
        await grains.GetGrain<IFeedbackGrain>("narrow-user").Append(
        [
            new PairFeedback(FeedbackAnswer.Of("Some words"), FeedbackAnswer.Of("Other words"))
            {
                User = "narrow-user",
                OperationId = Guid.NewGuid().ToString("N"),
                Preference = "P1B",
                Prompt = [new ChatMessage("user", "What is a volcano?")],
            },
        ]);
        await using var window = await browser.OpenAsync(WindowKind.Narrow);
        await window.GoAsync(path);
        await window.Page.Locator(content).First.WaitForAsync();
        Assert.Empty(await window.Page.Locator("main .scroll, main .board").EvaluateAllAsync<string[]>(
            "all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => `${e.ariaLabel}: ${e.scrollWidth}`)"));
        await window.ShouldFitAsync();
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync("narrow-" + path.Trim('/'));
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task a_row_that_became_a_card_says_what_its_numbers_are()
    {
        await using var window = await browser.OpenAsync(WindowKind.Narrow);
        await window.GoAsync("/");
        var memory = window.Page.Locator(".silos td[data-name=Memory]").First;
        await memory.WaitForAsync();
        var before = await memory.EvaluateAsync<string>("e => getComputedStyle(e, '::before').content");
        Assert.Contains("Memory", before, StringComparison.Ordinal);
        Assert.False(await window.Page.Locator(".silos thead").IsVisibleAsync());
    }
}
