using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using SoupsActors.Feedback;
using SoupsActors.Generation;
using SoupsActors.Silo.Hosting;
using SoupsActors.Testing;
using SoupsActors.Testing.Hosting;

namespace SoupsActors.Silo.Tests;

/// <summary>The real program, killed while it trains.</summary>
public sealed class TrainingCrashTests : IDisposable
{
    private const int Kills = 10;

    private static readonly object Training = new
    {
        preference = "P1A",
        steps = 6,
        reward_steps = 24,
        batch = 8,
        max_tokens = 8,
        minimum_comparisons = 10,
        evaluation_prompts = 12,
        kl_bound = 1000,
        win_rate_above = 0,
        judge = "reward",
        rank = 2,
    };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task a_training_killed_at_ten_random_moments_ends_with_the_weights_of_an_undisturbed_one()
    {
        TinyModel.Create(folder["model"]).AddExpert("P1A", 1);
        await GiveFeedbackAsync();
        CopyData("data", "disturbed");

        // What an undisturbed training does, as it is told.
        var moments = new List<(int Phase, int Step)>();
        string expected;
        using (var server = await StartAsync("data"))
        {
            using var started = await server.Http.PostAsJsonAsync("/v1/trainings", Training, TestServer.Json);
            Assert.True(started.IsSuccessStatusCode, await started.Content.ReadAsStringAsync());
            await foreach (var moment in WatchAsync(server))
                moments.Add(moment);
            expected = await PublishedAsync(server);
        }

        var random = new Random(20261121);
        var targets = Enumerable.Range(0, Kills).Select(_ => moments[random.Next(moments.Count - 1)]).Order().ToArray();
        var begun = false;
        foreach (var target in targets)
        {
            using var server = await StartAsync("disturbed");
            if (!begun)
                (await server.Http.PostAsJsonAsync("/v1/trainings", Training, TestServer.Json)).EnsureSuccessStatusCode();
            begun = true;
            await foreach (var moment in WatchAsync(server))
            {
                if (moment.CompareTo(target) >= 0)
                    break;
            }

            await server.KillAsync();
        }

        using var last = await StartAsync("disturbed");
        await foreach (var _ in WatchAsync(last))
        {
        }

        Assert.Equal(expected, await PublishedAsync(last));
    }

    /// <summary>Phases and steps to the training's end.</summary>
    private static async IAsyncEnumerable<(int Phase, int Step)> WatchAsync(ServerProcess server)
    {
        string[] phases = ["collecting", "reward_model", "policy", "evaluation", "publishing"];
        await using var stream = await server.Http.GetStreamAsync("/v1/trainings/P1A/events");
        await foreach (var item in SseParser.Create(stream).EnumerateAsync())
        {
            if (item.Data == "[DONE]")
                yield break;
            var news = JsonNode.Parse(item.Data)!;
            var source = news["progress"] ?? news["status"]!;
            var phase = Array.IndexOf(phases, (string)source["phase"]!);
            if (phase >= 0)
                yield return (phase, (int?)source["step"] ?? 0);
        }
    }

    private static async Task<string> PublishedAsync(ServerProcess server)
    {
        var training = (await server.Http.GetFromJsonAsync<JsonNode>("/v1/trainings/P1A"))!;
        Assert.True((string?)training["phase"] == "published", training.ToJsonString());
        var expert = (await server.Http.GetFromJsonAsync<JsonNode>("/v1/experts/P1A"))!;
        Assert.Equal(2, expert["versions"]!.AsArray().Count);
        return (string)expert["current"]!["hash"]!;
    }

    private async Task GiveFeedbackAsync()
    {
        await using var app = SoupsHost.Build(
        [
            "--urls", "http://127.0.0.1:0",
            $"--Soups:Model={folder["model"]}",
            $"--Soups:DataDirectory={folder["data"]}",
            .. LocalSilo.Ports(),
        ]);
        await app.StartAsync(TestContext.Current.CancellationToken);
        await app.Services.GetRequiredService<StartupState>().Ended;
        var events = Enumerable.Range(0, 24).Select(i => new PairFeedback(
            FeedbackAnswer.Of($"The soup {i} is good."), FeedbackAnswer.Of($"Salt {i}, onions and carrots."))
        {
            User = "cook",
            OperationId = $"pair-{i}",
            Preference = "P1A",
            Prompt = [new ChatMessage("user", $"Who made soup {i % 12}?")],
        });
        var results = await app.Services.GetRequiredService<IGrainFactory>()
            .GetGrain<IFeedbackGrain>("cook").Append([.. events]);
        Assert.All(results, result => Assert.Equal(FeedbackStatus.Accepted, result.Status));
        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    // The test waits for the training, and on a busy machine it would wait long for one that gives way.
    private async Task<ServerProcess> StartAsync(string data)
    {
        var server = await ServerProcess.StartAsync(folder["model"], folder[data], "--Soups:Training:Niceness=0");
        server.Http.Timeout = Timeout.InfiniteTimeSpan;
        return server;
    }

    private void CopyData(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(folder[from], "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder[to], Path.GetRelativePath(folder[from], file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
