using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using SoupsActors.Testing;

namespace SoupsActors.Silo.Tests;

/// <summary>The real program, killed while feedback streams in.</summary>
public sealed class FeedbackCrashTests : IDisposable
{
    private const int Users = 100;
    private const int Events = 10_000;
    private const int Repeated = 1_000;
    private const int BatchSize = 50;
    private const int Senders = 8;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task every_acknowledged_event_is_there_once_after_a_kill()
    {
        TinyModel.Create(folder["model"]);
        var batches = Batches();
        var acknowledged = new ConcurrentDictionary<string, string>();
        using (var server = await ServerProcess.StartAsync(folder["model"], folder["data"]))
        {
            await SendAsync(server.Http, batches, acknowledged, server.Kill);
            await server.KillAsync();
        }

        Assert.InRange(acknowledged.Count, Events / 2, Events - 1);
        using var again = await ServerProcess.StartAsync(folder["model"], folder["data"]);
        var stored = await ExportAsync(again.Http);
        Assert.Equal(stored.Count, stored.Distinct().Count());
        Assert.Subset(stored.ToHashSet(), acknowledged.Keys.ToHashSet());

        // Whoever got no answer sends again, and so does everybody else; what was acknowledged is known.
        var before = acknowledged.Keys.ToHashSet();
        var repeated = new ConcurrentDictionary<string, string>();
        await SendAsync(again.Http, batches, repeated, atHalf: null);
        Assert.All(before, operation => Assert.Equal("duplicate", repeated[operation]));
        stored = await ExportAsync(again.Http);
        Assert.Equal(Events, stored.Count);
        Assert.Equal(Events, stored.Distinct().Count());
        var stats = (await again.Http.GetFromJsonAsync<JsonNode>("/v1/feedback/stats"))!["data"]!.AsArray();
        Assert.Equal(Events, stats.Sum(s => (long)s!["events"]!));
        await again.KillAsync();
    }

    private static object[][] Batches()
    {
        var random = new Random(7);
        var indexes = Enumerable.Range(0, Events)
            .Concat(Enumerable.Range(0, Repeated).Select(_ => random.Next(Events)))
            .ToArray();
        random.Shuffle(indexes);
        return [.. indexes.Select(Event).Chunk(BatchSize)];
    }

    private static object Event(int i) => i % 2 == 0
        ? new
        {
            kind = "pair",
            user = $"user-{i % Users}",
            operation_id = $"op-{i}",
            preference = "P1A",
            prompt = $"Question {i}?",
            chosen = $"Good {i}.",
            rejected = $"Bad {i}.",
        }
        : new
        {
            kind = "reaction",
            user = $"user-{i % Users}",
            operation_id = $"op-{i}",
            prompt = $"Question {i % 500}?",
            answer = $"Answer {i}.",
            reaction = i % 3 == 0 ? "up" : "down",
        };

    private static Task SendAsync(
        HttpClient http,
        object[][] batches,
        ConcurrentDictionary<string, string> acknowledged,
        Action? atHalf) => Task.WhenAll(Enumerable.Range(0, Senders).Select(async sender =>
        {
            try
            {
                for (var i = sender; i < batches.Length; i += Senders)
                {
                    using var response = await http.PostAsJsonAsync(
                        "/v1/feedback", new { events = batches[i] }, TestServer.Json);
                    var body = (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonNode>())!;
                    Assert.Equal(0, (int)body["refused"]!);
                    foreach (var result in body["results"]!.AsArray())
                        acknowledged.TryAdd((string)result!["operation_id"]!, (string)result["status"]!);
                    if (acknowledged.Count >= Events / 2)
                        Interlocked.Exchange(ref atHalf, null)?.Invoke();
                }
            }
            catch (Exception error) when (error is HttpRequestException { StatusCode: null } or IOException)
            {
                // The server is dead; what was not answered counts as unknown.
            }
        }));

    private static async Task<List<string>> ExportAsync(HttpClient http)
    {
        var text = await http.GetStringAsync("/v1/feedback");
        return [.. text
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => (string)JsonNode.Parse(line)!["event"]!["operation_id"]!)];
    }
}
