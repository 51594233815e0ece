using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SoupsActors.Silo.Hosting;
using SoupsActors.Testing;

namespace SoupsActors.Silo.Tests;

/// <summary>The real program, killed while it writes.</summary>
public sealed partial class CrashTests : IDisposable
{
    private const int Writers = 8;
    private const int AcknowledgedBeforeTheKill = 200;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task every_acknowledged_write_survives_a_kill()
    {
        TinyModel.Create(folder["model"]).AddExpert("P1A", 1);
        var acknowledged = new ConcurrentDictionary<string, (double Weight, string Tag)>();
        using (var server = await StartAsync())
        {
            var enough = new TaskCompletionSource();
            var writers = Enumerable.Range(0, Writers)
                .Select(writer => WriteAsync(server.Http, writer, acknowledged, enough))
                .ToArray();
            await Task.WhenAny(enough.Task, Task.WhenAll(writers));
            server.Process.Kill(); // SIGKILL: nothing is flushed, nobody says good-bye
            await server.Process.WaitForExitAsync(TestContext.Current.CancellationToken);
            await Task.WhenAll(writers);
        }

        Assert.True(acknowledged.Count > Writers);
        using var again = await StartAsync();
        foreach (var (user, (weight, tag)) in acknowledged)
        {
            var body = (await again.Http.GetFromJsonAsync<JsonNode>($"/v1/users/{user}/profile"))!;

            // The last acknowledged write, or one that was still unanswered when the process died.
            var stored = (double)body["profile"]!["mix"]!["P1A"]!;
            Assert.True(stored >= weight, $"{user}: {weight} was acknowledged, {stored} is stored.");
            if (stored == weight)
                Assert.Equal(tag, (string?)body["etag"]);
        }

        again.Process.Kill();
        await again.Process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    // Each writer owns five users and counts their weight up, one write after the other.
    private static async Task WriteAsync(
        HttpClient http,
        int writer,
        ConcurrentDictionary<string, (double Weight, string Tag)> acknowledged,
        TaskCompletionSource enough)
    {
        try
        {
            for (var i = 1; ; i++)
            {
                var user = $"crash-{writer}-{i % 5}";
                var weight = i / 100.0;
                using var response = await http.PutAsJsonAsync($"/v1/users/{user}/profile",
                    new { mix = new { P1A = weight } }, TestServer.Json);
                var body = (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonNode>())!;
                acknowledged[user] = (weight, (string)body["etag"]!);
                if (writer == 0 && i == AcknowledgedBeforeTheKill / Writers)
                    enough.SetResult();
            }
        }
        catch (Exception error) when (error is HttpRequestException { StatusCode: null } or IOException)
        {
            // The server is dead; what was not answered counts as unknown.
        }
    }

    private async Task<RunningServer> StartAsync()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                typeof(SoupsHost).Assembly.Location,
                "--urls", "http://127.0.0.1:0",
                $"--Soups:Model={folder["model"]}",
                $"--Soups:DataDirectory={folder["data"]}",
                "--Soups:Threads=1",
            },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        var process = Process.Start(start)!;
        string? url = null;
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            url ??= ListeningOn().Match(line) is { Success: true } match ? match.Value : null;
            if (url is not null && line.Contains("Ready:", StringComparison.Ordinal))
                return new RunningServer(process, new HttpClient { BaseAddress = new Uri(url) });
        }

        throw new InvalidOperationException("The server ended before it was ready.");
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex ListeningOn();

    private sealed record RunningServer(Process Process, HttpClient Http) : IDisposable
    {
        public void Dispose()
        {
            Http.Dispose();
            if (!Process.HasExited)
                Process.Kill();
            Process.Dispose();
        }
    }
}
