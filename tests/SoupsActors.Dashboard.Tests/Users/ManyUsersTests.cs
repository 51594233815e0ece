using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using SoupsActors.Dashboard.Tests.Axe;
using SoupsActors.Dashboard.Tests.Browsing;
using SoupsActors.Grains.Storage;

namespace SoupsActors.Dashboard.Tests.Users;

/// <summary>A hundred thousand profiles, written as the storage writes them.</summary>
[Collection(BrowserCollection.Name)]
public sealed class ManyUsersTests(BrowserFixture browser) : IAsyncLifetime
{
    private const int Users = 100_000;

    private readonly DashboardServer server = new();

    public async ValueTask InitializeAsync()
    {
        await server.StartAsync();
        await SeedAsync(server.Services.GetRequiredService<SqliteDatabase>());
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task a_hundred_thousand_users_are_paged_searched_and_counted()
    {
        await using var window = await browser.OpenAsync(server.Url);
        var page = window.Page;
        await window.GoAsync("/users");
        await page.GetByText("user-000000", new() { Exact = true }).WaitForAsync();
        Assert.Equal(25, await page.Locator(".users-table tbody tr").CountAsync());
        await page.GetByRole(AriaRole.Link, new() { Name = "Next page" }).ClickAsync();
        await page.GetByText("user-000025", new() { Exact = true }).WaitForAsync();
        await page.GoBackAsync();
        await page.GetByText("user-000000", new() { Exact = true }).WaitForAsync();

        await page.GetByLabel("Id begins with").FillAsync("user-09999");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByText("user-099990", new() { Exact = true }).WaitForAsync();
        Assert.Equal(10, await page.Locator(".users-table tbody tr").CountAsync());
        await page.GetByText("from a random sample").WaitForAsync();
        Assert.Contains("100", await page.Locator(".stat-value").First.InnerTextAsync(), StringComparison.Ordinal);
        await page.GetByText("child + full", new() { Exact = true }).WaitForAsync();
        await window.ShouldFitAsync();
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync("users-many-wide");

        await page.GetByLabel("Id begins with").FillAsync("nobody");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByText("Nobody’s id begins so").WaitForAsync();
        window.ShouldBeQuiet();
    }

    [Theory]
    [InlineData(WindowKind.Narrow)]
    [InlineData(WindowKind.Dark)]
    public async Task the_cohorts_are_readable_in_every_layout(WindowKind kind)
    {
        await using var window = await browser.OpenAsync(server.Url, kind);
        await window.GoAsync("/users?prefix=user-00000");
        await window.Page.GetByText("The most frequent combinations").WaitForAsync();
        await window.Page.GetByText("user-000000", new() { Exact = true }).WaitForAsync();
        await window.ShouldFitAsync();
        await window.ShouldBeAccessibleAsync();
        await window.ScreenshotAsync($"users-many-{kind.ToString().ToLowerInvariant()}");
        window.ShouldBeQuiet();
    }

    private static Task<int> SeedAsync(SqliteDatabase database) => database.WriteAsync(session =>
    {
        for (var i = 0; i < Users; i++)
        {
            session.Execute(
                "INSERT INTO grain_state (grain_id, state_name, etag, schema, json) "
                    + "VALUES ($grain, 'profile', $etag, 1, $json)",
                ("$grain", $"user/user-{i:000000}"),
                ("$etag", Guid.NewGuid().ToString("N")),
                ("$json", $$$"""{"profile":{"mix":{{{{Mix(i)}}}}},"eTag":"{{{i}}}","writtenAt":"2026-01-01T00:00:00Z"}"""));
        }

        return Users;
    });

    private static string Mix(int i)
    {
        var weight = Math.Round(0.3 + i % 97 / 97.0, 2).ToString(CultureInfo.InvariantCulture);
        return (i % 7) switch
        {
            0 => "",
            1 or 2 => $"\"P1A\":{weight},\"P2B\":1",
            3 => $"\"P1B\":{weight}",
            4 => $"\"P2A\":{weight},\"P3C\":-0.5",
            _ => $"\"P3A\":{weight}",
        };
    }
}
