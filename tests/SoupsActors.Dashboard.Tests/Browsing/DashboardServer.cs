using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using SoupsActors.Silo.Hosting;
using SoupsActors.Testing;
using SoupsActors.Testing.Hosting;

namespace SoupsActors.Dashboard.Tests.Browsing;

/// <summary>The real silo with the packaged model on a free port, and a data directory of its own.</summary>
public sealed class DashboardServer(params string[] settings) : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private WebApplication? app;

    /// <summary>Where it answers, without a slash at the end.</summary>
    public string Url { get; private set; } = "";

    /// <summary>Speaks to the HTTP API.</summary>
    public HttpClient Http { get; private set; } = null!;

    /// <summary>What the silo is made of.</summary>
    public IServiceProvider Services => app!.Services;

    /// <summary>Experts may be registered from folders below it.</summary>
    public string ImportDirectory => folder["import"];

    /// <summary>Starts the silo and waits until it can answer.</summary>
    public async Task StartAsync()
    {
        Directory.CreateDirectory(ImportDirectory);
        app = SoupsHost.Build(
        [
            "--urls", "http://127.0.0.1:0",
            $"--Soups:DataDirectory={folder["data"]}",
            $"--Soups:ImportDirectory={ImportDirectory}",
            "--Soups:Training:Niceness=0",
            "--Logging:LogLevel:Default=Warning",
            .. LocalSilo.Ports(),
            .. settings,
        ]);
        await app.StartAsync();
        Url = app.Urls.First();
        Http = new HttpClient { BaseAddress = new Uri(Url) };
        var start = Stopwatch.StartNew();
        while (!(await Http.GetAsync("/health/ready")).IsSuccessStatusCode)
        {
            Assert.True(start.Elapsed < TimeSpan.FromMinutes(2), "The silo was not ready after two minutes.");
            await Task.Delay(50);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        if (app is not null)
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }

        folder.Dispose();
    }
}
