using System.Runtime.CompilerServices;
using Microsoft.Playwright;

namespace SoupsActors.Dashboard.Tests.Browsing;

/// <summary>
/// One Chromium and one silo for all tests of the collection. Chromium is the system's; SOUPS_CHROMIUM names another.
/// Where there is none, the tests skip and say so.
/// </summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private static readonly string[] Places =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/snap/bin/chromium"];

    private IPlaywright? playwright;
    private IBrowser? browser;
    private string? missing;

    /// <summary>The silo whose pages are looked at.</summary>
    public DashboardServer Server { get; } = new();

    /// <summary>Where screenshots are put for people to look at.</summary>
    public static string Screenshots { get; } =
        Directory.CreateDirectory(Path.Combine(Repository(), "artifacts", "screenshots")).FullName;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        var executable = Environment.GetEnvironmentVariable("SOUPS_CHROMIUM") ?? Array.Find(Places, File.Exists);
        if (executable is null)
        {
            missing = "Chromium is not installed; install it, or name its program in SOUPS_CHROMIUM.";
            return;
        }

        await Server.StartAsync();
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = executable,
            Args = ["--no-sandbox", "--disable-dev-shm-usage"],
        });
    }

    /// <summary>Opens an empty window; skips the test where there is no browser.</summary>
    public Task<DashboardPage> OpenAsync(WindowKind kind = WindowKind.Wide) => OpenAsync(Server.Url, kind);

    /// <summary>The same for another server.</summary>
    public async Task<DashboardPage> OpenAsync(string url, WindowKind kind = WindowKind.Wide)
    {
        if (browser is null)
            Assert.Skip(missing!);
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = url,
            ViewportSize = kind.HasFlag(WindowKind.Narrow)
                ? new ViewportSize { Width = 390, Height = 844 }
                : new ViewportSize { Width = 1280, Height = 900 },
            ColorScheme = kind.HasFlag(WindowKind.Dark) ? ColorScheme.Dark : ColorScheme.Light,
            Locale = "en-GB",
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(20_000);
        return new DashboardPage(context, await context.NewPageAsync());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
        await Server.DisposeAsync();
    }

    private static string Repository([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}

/// <summary>How a window looks.</summary>
[Flags]
public enum WindowKind
{
    /// <summary>1280 pixels, light.</summary>
    Wide = 0,

    /// <summary>390 pixels.</summary>
    Narrow = 1,

    /// <summary>The system prefers dark colours.</summary>
    Dark = 2,
}

/// <summary>The tests that share one browser and one silo; they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<BrowserFixture>
{
    /// <summary>Name of the collection.</summary>
    public const string Name = "browser";
}
