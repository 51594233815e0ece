using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using SoupsActors.Silo.Hosting;
using SoupsActors.Testing;
using SoupsActors.Testing.Hosting;

namespace SoupsActors.Deploy.Tests;

/// <summary>The program as <c>dotnet publish</c> lays it out, started from elsewhere.</summary>
public sealed partial class PublishedProgramTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task It_serves_the_dashboard_with_all_that_it_loads_and_ends_with_success_when_told_to()
    {
        // Build servers that outlive the command would keep the test waiting.
        Assert.Equal(0, await RunAsync(
            "dotnet", "publish", Project(), "-o", folder["app"], "--no-build",
            "-c", Configuration, $"-p:ActorHost={Host}", "-v", "quiet", "--disable-build-servers"));

        var url = $"http://127.0.0.1:{LocalSilo.FreePort()}";
        using var server = Start(url);
        try
        {
            await ReadyAsync(server);
            using var http = new HttpClient { BaseAddress = new Uri(url) };
            var page = await http.GetStringAsync("/", Cancellation);
            var assets = Loaded().Matches(page).Select(m => WebUtility.HtmlDecode(m.Groups[1].Value)).ToArray();
            Assert.Contains(assets, a => a.EndsWith(".css", StringComparison.Ordinal));
            Assert.Contains(assets, a => a.EndsWith("dashboard.js", StringComparison.Ordinal));
            Assert.Contains(assets, a => a.EndsWith("blazor.web.js", StringComparison.Ordinal));
            foreach (var asset in assets)
            {
                using var answer = await http.GetAsync(asset, Cancellation);
                Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{asset}: {answer.StatusCode}");
                Assert.NotEmpty(await answer.Content.ReadAsByteArrayAsync(Cancellation));
            }

            Assert.Equal(0, await RunAsync("kill", "-TERM", server.Id.ToString(CultureInfo.InvariantCulture)));
            await server.WaitForExitAsync(Cancellation);
            Assert.Equal(0, server.ExitCode);
        }
        finally
        {
            if (!server.HasExited)
                server.Kill();
        }
    }

    // The program was built beside these tests, in the same form.
    private static string Configuration =>
        typeof(SoupsHost).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    private static string Host =>
#if ORLEANS
        "Orleans";
#else
        "InProcess";
#endif

    private static string Project([CallerFilePath] string here = "") => Path.GetFullPath(
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "src", "SoupsActors.Silo"));

    private Process Start(string url)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = Directory.CreateDirectory(folder["elsewhere"]).FullName,
            RedirectStandardOutput = true,
            UseShellExecute = false,
            Environment = { ["ASPNETCORE_URLS"] = url, ["Soups__DataDirectory"] = folder["data"], ["Soups__Threads"] = "1" },
        };
        foreach (var argument in (string[])[Path.Combine(folder["app"], "SoupsActors.Silo.dll"), .. LocalSilo.Ports()])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private static async Task ReadyAsync(Process server)
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
                ready.TrySetException(new InvalidOperationException("The server ended before it was ready."));
            else if (line.Data.Contains("Ready:", StringComparison.Ordinal))
                ready.TrySetResult();
        };
        server.BeginOutputReadLine();
        await ready.Task.WaitAsync(Cancellation);
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })!;
        await process.WaitForExitAsync(Cancellation);
        return process.ExitCode;
    }

    [GeneratedRegex("<(?:link|script)[^>]+(?:href|src)=\"([^\"]+)\"")]
    private static partial Regex Loaded();
}
