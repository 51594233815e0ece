using Microsoft.Playwright;
using SoupsActors.Dashboard.Tests.Axe;
using SoupsActors.Dashboard.Tests.Browsing;

namespace SoupsActors.Dashboard.Tests;

/// <summary>What holds for every page.</summary>
[Collection(BrowserCollection.Name)]
public sealed class FrameTests(BrowserFixture browser)
{
    public static TheoryData<string, string> Pages => new()
    {
        { "/", "Overview" },
        { "/experts", "Experts" },
        { "/users", "Users" },
        { "/playground", "Playground" },
        { "/training", "Training" },
        { "/experiments", "Experiments" },
        { "/feedback", "Feedback" },
        { "/operations", "Operations" },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task a_page_opens_in_every_layout_without_errors_and_is_accessible(string path, string title)
    {
        foreach (var kind in (WindowKind[])[WindowKind.Wide, WindowKind.Dark, WindowKind.Narrow])
        {
            await using var window = await browser.OpenAsync(kind);
            var heading = await window.GoAsync(path);
            Assert.Equal(title, await heading.InnerTextAsync());
            await window.Page.Locator(".loading").WaitForAsync(new() { State = WaitForSelectorState.Detached });
            await Assertions.Expect(window.Page).ToHaveTitleAsync($"{title} · SoupsActors");
            await window.ShouldFitAsync();
            await window.ShouldBeAccessibleAsync();
            await window.ScreenshotAsync($"{title.ToLowerInvariant()}-{kind.ToString().ToLowerInvariant()}");
            window.ShouldBeQuiet();
        }
    }

    [Fact]
    public async Task the_navigation_leads_to_each_page_and_marks_it()
    {
        await using var window = await browser.OpenAsync();
        await window.GoAsync("/");
        foreach (var page in Pages)
        {
            var (path, title) = page.Data;
            await window.Page.GetByRole(AriaRole.Link, new() { Name = title, Exact = true }).ClickAsync();
            await window.Page.Locator("main h1", new() { HasTextString = title }).WaitForAsync();
            Assert.Equal(path, new Uri(window.Page.Url).AbsolutePath);
            Assert.Equal(title, (await window.Page.Locator("nav a[aria-current=page]").InnerTextAsync()).Trim());
        }

        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task the_theme_is_chosen_and_remembered()
    {
        await using var window = await browser.OpenAsync();
        await window.GoAsync("/");
        var before = await BackgroundAsync(window);
        await window.Page.GetByLabel("Theme").SelectOptionAsync("dark");
        await Assertions.Expect(window.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        var dark = await BackgroundAsync(window);
        Assert.NotEqual(before, dark);
        await window.GoAsync("/operations");
        Assert.Equal(dark, await BackgroundAsync(window));
        await Assertions.Expect(window.Page.GetByLabel("Theme")).ToHaveValueAsync("dark");
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task on_a_narrow_screen_the_menu_opens_and_closes_after_a_choice()
    {
        await using var window = await browser.OpenAsync(WindowKind.Narrow);
        await window.GoAsync("/");
        var link = window.Page.GetByRole(AriaRole.Link, new() { Name = "Users", Exact = true });
        Assert.False(await link.IsVisibleAsync());
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Menu" }).ClickAsync();
        await link.WaitForAsync();
        await window.ScreenshotAsync("menu-narrow");
        await link.ClickAsync();
        await window.Page.Locator("main h1", new() { HasTextString = "Users" }).WaitForAsync();
        Assert.False(await link.IsVisibleAsync());
        window.ShouldBeQuiet();
    }

    [Fact]
    public async Task the_keyboard_reaches_the_content_past_the_navigation()
    {
        await using var window = await browser.OpenAsync();
        await window.GoAsync("/");
        await window.Page.Locator("a.skip").FocusAsync();
        Assert.True(await window.Page.Locator("a.skip").IsVisibleAsync());
        await window.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(window.Page.Locator("main")).ToBeFocusedAsync();
        Assert.Equal("/", new Uri(window.Page.Url).AbsolutePath);
        window.ShouldBeQuiet();
    }

    private static Task<string> BackgroundAsync(DashboardPage window) =>
        window.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
}
