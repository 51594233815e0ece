using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using SoupsActors.Dashboard.Data;
using SoupsActors.Dashboard.Tests.Browsing;

namespace SoupsActors.Dashboard.Tests.Pages;

/// <summary>A server that no other test looks at.</summary>
[Collection(BrowserCollection.Name)]
public sealed class HiddenTabTests(BrowserFixture browser) : IAsyncLifetime
{
    private readonly DashboardServer server = new();

    public async ValueTask InitializeAsync() => await server.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task a_hidden_tab_asks_the_cluster_for_nothing_until_it_is_shown_again()
    {
        await using var window = await browser.OpenAsync(server.Url);
        await window.GoAsync("/");
        await window.Page.Locator(".silos time").First.WaitForAsync();
        var (feed, minutes) = (server.Services.GetRequiredService<OverviewFeed>(), server.Services.GetRequiredService<MinuteClock>());
        await UntilAsync(window, () => feed.Watchers == 1 && minutes.Watchers > 0);
        await ShowAsync(window, isVisible: false);
        await UntilAsync(window, () => feed.Watchers == 0 && minutes.Watchers == 0);
        await ShowAsync(window, isVisible: true);
        await UntilAsync(window, () => feed.Watchers == 1 && minutes.Watchers > 0);

        // A page that is opened meanwhile stays watched after the next one, too.
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Operations", Exact = true }).ClickAsync();
        await window.Page.Locator("main h1", new() { HasTextString = "Operations" }).WaitForAsync();
        await UntilAsync(window, () => feed.Watchers == 0);
        await ShowAsync(window, isVisible: false);
        await UntilAsync(window, () => server.Services.GetRequiredService<OperationsFeed>().Watchers == 0);
        window.ShouldBeQuiet();
    }

    private static Task ShowAsync(DashboardPage window, bool isVisible) => window.Page.EvaluateAsync(
        """
        isVisible => {
            Object.defineProperty(document, 'hidden', { configurable: true, get: () => !isVisible });
            document.dispatchEvent(new Event('visibilitychange'));
        }
        """,
        isVisible);

    // A question to the browser between two looks gives the server its turn.
    private static async Task UntilAsync(DashboardPage window, Func<bool> condition)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        end.CancelAfter(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            end.Token.ThrowIfCancellationRequested();
            await window.Page.TitleAsync();
        }
    }
}
