using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using SoupsActors.Feedback;
using SoupsActors.Generation;

namespace SoupsActors.Silo.Tests;

public sealed class TrainingEndpointTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task a_training_is_started_watched_and_read_over_http()
    {
        await GiveFeedbackAsync("P2B", 16);
        var (started, body) = await server.SendAsync(
            HttpMethod.Post, "/v1/trainings", Body("P2B"), ("Idempotency-Key", "t1"));
        Assert.True((int)started.StatusCode == 201, body?.ToJsonString());
        var request = body!["request"]!;
        Assert.Equal(
            ("P2B-1", "ppo", "reward"), ((string)body["id"]!, (string)request["method"]!, (string)request["judge"]!));
        var (_, repeated) = await server.SendAsync(
            HttpMethod.Post, "/v1/trainings", Body("P2B"), ("Idempotency-Key", "t1"));
        Assert.Equal("P2B-1", (string)repeated!["id"]!);

        var events = await server.Http.GetStringAsync("/v1/trainings/P2B/events");
        Assert.EndsWith("data: [DONE]\n\n", events, StringComparison.Ordinal);
        var (_, ended) = await server.SendAsync(HttpMethod.Get, "/v1/trainings/P2B");
        Assert.True((string)ended!["phase"]! == "published", ended.ToJsonString());
        var found = ended["evaluation"]!;
        Assert.Equal(8, (int)found["wins"]! + (int)found["ties"]! + (int)found["losses"]!);

        var metrics = (await server.Http.GetStringAsync("/v1/trainings/P2B/metrics"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToArray();
        Assert.Equal(
            [1, 2, 3, 4], metrics.Where(m => (string)m["phase"]! == "reward_model").Select(m => (int)m["step"]!));
        var policy = metrics.Where(m => (string)m["phase"]! == "policy").ToArray();
        Assert.Equal([1, 2], policy.Select(m => (int)m["step"]!));
        Assert.All(policy, m => Assert.NotNull(m["objective/kl"]));

        var (_, list) = await server.SendAsync(HttpMethod.Get, "/v1/trainings");
        Assert.Contains(list!["data"]!.AsArray(), t => (string)t!["id"]! == "P2B-1");
        var (_, expert) = await server.SendAsync(HttpMethod.Get, "/v1/experts/P2B");
        Assert.Equal("P2B-1", (string)expert!["current"]!["provenance"]!["training"]!);

        // The texts of users are not kept beyond the training.
        Assert.DoesNotContain(
            Directory.GetFiles(
                Path.Combine(server.DataDirectory, "trainings", "P2B-1"), "*.jsonl", SearchOption.AllDirectories),
            file => Path.GetFileName(file) is not ("metrics.jsonl" or "reward.jsonl"));
    }

    [Fact]
    public async Task direct_preference_optimisation_needs_no_rollouts_to_learn()
    {
        await GiveFeedbackAsync("P3B", 16);
        var body = Body("P3B").Replace("\"steps\":2", "\"method\":\"dpo\",\"steps\":3", StringComparison.Ordinal);
        var (started, _) = await server.SendAsync(HttpMethod.Post, "/v1/trainings", body);
        Assert.Equal(201, (int)started.StatusCode);
        await server.Http.GetStringAsync("/v1/trainings/P3B/events");
        var (_, ended) = await server.SendAsync(HttpMethod.Get, "/v1/trainings/P3B");
        Assert.True((string)ended!["phase"]! is "published" or "rejected", ended.ToJsonString());
        Assert.Equal((3, "P3B-1"), ((int)ended["policy"]!["steps"]!, (string)ended["id"]!));
        Assert.Equal("dpo", (string)ended["policy"]!["weights"]!["provenance"]!["method"]!);
    }

    [Theory]
    [InlineData("""{"preference":"P9"}""", 404, "unknown_preference")]
    [InlineData("""{}""", 400, "invalid_training")]
    [InlineData("""{"preference":"P1A","method":"magic"}""", 400, "invalid_training")]
    [InlineData("""{"preference":"P1A","steps":0}""", 400, "invalid_training")]
    [InlineData("""{"preference":"P1A","spets":1}""", 400, "unknown_field")]
    [InlineData("""{"preference":"P3A"}""", 400, "too_few_comparisons")]
    public async Task what_cannot_be_trained_is_refused_with_a_reason(string body, int status, string code)
    {
        var (response, error) = await server.SendAsync(HttpMethod.Post, "/v1/trainings", body);
        Assert.Equal((status, code), ((int)response.StatusCode, (string?)error!["error"]!["code"]));
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "/events")]
    [InlineData("GET", "/metrics")]
    [InlineData("POST", "/pause")]
    [InlineData("POST", "/resume")]
    [InlineData("POST", "/cancel")]
    public async Task what_was_never_trained_is_not_found(string method, string path)
    {
        var (response, error) = await server.SendAsync(new HttpMethod(method), "/v1/trainings/P3D" + path);
        Assert.Equal((404, "unknown_training"), ((int)response.StatusCode, (string?)error!["error"]!["code"]));
    }

    private static string Body(string preference) =>
        $$"""
        {"preference":"{{preference}}","steps":2,"reward_steps":4,"batch":4,"max_tokens":6,"minimum_comparisons":4,
         "evaluation_prompts":8,"kl_bound":1000,"win_rate_above":0,"judge":"reward","rank":2}
        """;

    private async Task GiveFeedbackAsync(string preference, int pairs)
    {
        var events = Enumerable.Range(0, pairs).Select(i => new PairFeedback(
            FeedbackAnswer.Of($"The soup {i} is good."), FeedbackAnswer.Of($"Salt {i}, onions and carrots."))
        {
            User = "cook",
            OperationId = $"{preference}-{i}",
            Preference = preference,
            Prompt = [new ChatMessage("user", $"Who made soup {i}?")],
        });
        await server.Services.GetRequiredService<IGrainFactory>().GetGrain<IFeedbackGrain>("cook").Append([.. events]);
    }
}
