using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using SoupsActors.Testing;

namespace SoupsActors.Silo.Tests;

/// <summary>The real program, killed while it writes.</summary>
public sealed class CrashTests : IDisposable
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
            await server.KillAsync();
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

        await again.KillAsync();
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

    private Task<ServerProcess> StartAsync() => ServerProcess.StartAsync(folder["model"], folder["data"]);
}
