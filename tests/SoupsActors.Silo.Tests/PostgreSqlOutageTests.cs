using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using SoupsActors.Testing.PostgreSql;

namespace SoupsActors.Silo.Tests;

/// <summary>The whole server on PostgreSQL, which goes away and comes back.</summary>
public sealed class PostgreSqlOutageTests : IAsyncLifetime
{
    private const string Question = "What is rain?";

    private PostgreSqlServer database = null!;
    private TestServer server = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        database = await PostgreSqlServer.StartAsync("max_connections=20");
        server = new TestServer(
            "--Soups:Storage:Provider=PostgreSql",
            $"--Soups:Storage:ConnectionString={await database.CreateDatabaseAsync()}");
        await server.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
        if (database is not null)
            await database.DisposeAsync();
    }

    [Fact]
    public async Task residents_are_served_writes_are_refused_and_all_is_well_when_it_is_back()
    {
        await server.PutProfileAsync("alice", new { mix = new { P1A = 1.0 } });
        var before = await server.AskAsync("alice", Question);
        Assert.Equal(HttpStatusCode.OK, await WriteAsync("alice", "first", 1));

        await database.StopAsync();
        Assert.Equal(before, await server.AskAsync("alice", Question));
        Assert.Equal(1, await WeightAsync("alice"));
        var (refused, body) = await server.SendAsync(
            HttpMethod.Put, "/v1/users/alice/profile", Profile(2), ("Idempotency-Key", "second"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("storage_unavailable", (string?)body!["error"]!["code"]);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await SendFeedbackAsync("f1"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await WriteAsync("never-seen", "third", 1));
        Assert.Equal(1, await WeightAsync("alice"));

        await database.StartAgainAsync();
        await UntilAsync(() => WriteAsync("alice", "second", 2));
        await UntilAsync(() => SendFeedbackAsync("f1"));
        await UntilAsync(() => SendFeedbackAsync("f1"));
        await UntilAsync(() => WriteAsync("never-seen", "third", 1));
        Assert.Equal(2, await WeightAsync("alice"));
        var stored = await server.Http.GetStringAsync("/v1/feedback", Cancelled);
        Assert.Single(stored.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task what_was_acknowledged_before_a_crash_of_the_database_is_there_once_and_the_rest_can_be_sent_again()
    {
        const int users = 12, rounds = 30;
        var acknowledged = new ConcurrentDictionary<(int User, int Round), bool>();
        var half = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writers = Enumerable.Range(0, users).Select(user => Task.Run(async () =>
        {
            for (var round = 1; round <= rounds; round++)
            {
                // Everything is sent until it is acknowledged, with the operation ids it had.
                var (name, operation) = ($"u{user}", $"{user}/{round}");
                await UntilAsync(() => WriteAsync(name, operation, round));
                await UntilAsync(() => SendFeedbackAsync(operation, name));
                acknowledged[(user, round)] = true;
                if (acknowledged.Count == users * rounds / 2)
                    half.TrySetResult();
            }
        })).ToArray();
        await half.Task.WaitAsync(Cancelled);
        await database.KillAsync();
        var known = acknowledged.Keys.ToArray();
        await database.StartAgainAsync();
        await Task.WhenAll(writers);

        Assert.InRange(known.Length, users * rounds / 2, (users * rounds) - 1);
        for (var user = 0; user < users; user++)
            Assert.Equal(rounds, await WeightAsync($"u{user}"));
        var stored = (await server.Http.GetStringAsync("/v1/feedback", Cancelled))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!)
            .ToArray();
        Assert.Equal(users * rounds, stored.Length);
        Assert.Equal(users * rounds, stored.Select(s => (string)s["event"]!["operation_id"]!).Distinct().Count());
        for (var user = 0; user < users; user++)
        {
            var own = stored.Where(s => (string)s["event"]!["user"]! == $"u{user}");
            Assert.Equal(
                Enumerable.Range(1, rounds).Select(round => $"{user}/{round}"),
                own.Select(s => (string)s["event"]!["operation_id"]!));
        }
    }

    private async Task<HttpStatusCode> WriteAsync(string user, string operation, double weight) => (await server.SendAsync(
        HttpMethod.Put, $"/v1/users/{user}/profile", Profile(weight), ("Idempotency-Key", operation))).Response.StatusCode;

    private async Task<HttpStatusCode> SendFeedbackAsync(string operation, string user = "alice")
    {
        var body = new JsonObject
        {
            ["kind"] = "pair",
            ["user"] = user,
            ["operation_id"] = operation,
            ["preference"] = "P1A",
            ["prompt"] = Question,
            ["chosen"] = "Water.",
            ["rejected"] = "Stones.",
        };
        return (await server.SendAsync(HttpMethod.Post, "/v1/feedback", body.ToJsonString())).Response.StatusCode;
    }

    private async Task<double> WeightAsync(string user)
    {
        var (response, body) = await server.SendAsync(HttpMethod.Get, $"/v1/users/{user}/profile");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (double)body!["profile"]!["mix"]!["P1A"]!;
    }

    // As a client does: again while the answer is 503, nothing else.
    private static async Task UntilAsync(Func<Task<HttpStatusCode>> send)
    {
        for (var status = await send(); (int)status is < 200 or >= 300; status = await send())
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
            Cancelled.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static string Profile(double weight) =>
        new JsonObject { ["mix"] = new JsonObject { ["P1A"] = weight } }.ToJsonString();
}
