using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace SoupsActors.Dashboard.Tests.Browsing;

/// <summary>A window of the browser that remembers every error of its console.</summary>
public sealed class DashboardPage : IAsyncDisposable
{
    private readonly IBrowserContext context;
    private readonly ConcurrentQueue<string> errors = new();

    internal DashboardPage(IBrowserContext context, IPage page)
    {
        this.context = context;
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                errors.Enqueue($"{message.Type}: {message.Text} ({message.Location})");
        };
        page.PageError += (_, error) => errors.Enqueue("exception: " + error);
        page.RequestFailed += (_, request) =>
        {
            // Closing a page ends what it was still loading.
            if (request.Failure is not "net::ERR_ABORTED")
                errors.Enqueue($"not loaded: {request.Url}: {request.Failure}");
        };
    }

    /// <summary>Playwright's page.</summary>
    public IPage Page { get; }

    /// <summary>What went wrong so far.</summary>
    public IReadOnlyCollection<string> Errors => errors;

    /// <summary>Goes to an address and waits for the page's heading.</summary>
    public async Task<ILocator> GoAsync(string path)
    {
        await Page.GotoAsync(path);
        var heading = Page.Locator("main h1");
        await heading.WaitForAsync();
        return heading;
    }

    /// <summary>Takes a picture of the whole page, for people to look at.</summary>
    public Task ScreenshotAsync(string name) => Page.ScreenshotAsync(new PageScreenshotOptions
    {
        Path = Path.Combine(BrowserFixture.Screenshots, name + ".png"),
        FullPage = true,
        Animations = ScreenshotAnimations.Disabled,
    });

    /// <summary>Nothing is wider than the window.</summary>
    public async Task ShouldFitAsync()
    {
        var wide = await Page.EvaluateAsync<string[]>(
            """
            () => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('main *')]
                .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll'))
                .map(e => `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 40)}`)
            """);
        Assert.Empty(wide);
    }

    /// <summary>The browser had nothing to complain of.</summary>
    public void ShouldBeQuiet() => Assert.Empty(errors);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await context.CloseAsync();
}
