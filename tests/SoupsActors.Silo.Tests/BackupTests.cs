using System.Net;
using Microsoft.Data.Sqlite;
using SoupsActors.Testing;
using SoupsActors.Testing.PostgreSql;

namespace SoupsActors.Silo.Tests;

/// <summary>Backups as operators make them, restored into a server of their own.</summary>
public sealed class BackupTests : IDisposable
{
    private const string Question = "What is rain?";

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task a_copy_of_the_database_taken_while_the_server_runs_and_of_the_experts_restores()
    {
        await using var server = new TestServer();
        await server.InitializeAsync();
        var answer = await FillAsync(server);
        Directory.CreateDirectory(folder["copy"]);
        await using (var connection = new SqliteConnection($"Data Source={server.DataDirectory}/soups.db;Pooling=False"))
        {
            await connection.OpenAsync(Cancelled);
            await using var command = connection.CreateCommand();
            command.CommandText = "VACUUM INTO $file";
            command.Parameters.AddWithValue("$file", folder["copy/soups.db"]);
            await command.ExecuteNonQueryAsync(Cancelled);
        }

        Copy(server.DataDirectory + "/experts", folder["copy/experts"]);
        await server.PutProfileAsync("alice", new { mix = new { P1A = 9.0 } });

        await using var restored = new TestServer(
            $"--Soups:DataDirectory={folder["copy"]}", $"--Soups:Model={server.Model.Folder}");
        await restored.InitializeAsync();
        await AssertHoldsAsync(restored, answer);
    }

    [Fact]
    public async Task a_dump_of_postgresql_and_a_copy_of_the_experts_restore()
    {
        await using var database = await PostgreSqlServer.StartAsync("max_connections=30");
        var original = await database.CreateDatabaseAsync();
        await using var server = new TestServer(
            "--Soups:Storage:Provider=PostgreSql", $"--Soups:Storage:ConnectionString={original}");
        await server.InitializeAsync();
        var answer = await FillAsync(server);
        var copy = await database.RestoreCopyAsync(original);
        Copy(server.DataDirectory + "/experts", folder["copy/experts"]);
        await server.PutProfileAsync("alice", new { mix = new { P1A = 9.0 } });

        await using var restored = new TestServer(
            "--Soups:Storage:Provider=PostgreSql", $"--Soups:Storage:ConnectionString={copy}",
            $"--Soups:DataDirectory={folder["copy"]}", $"--Soups:Model={server.Model.Folder}");
        await restored.InitializeAsync();
        await AssertHoldsAsync(restored, answer);
    }

    private static async Task<string> FillAsync(TestServer server)
    {
        await server.PutProfileAsync("alice", new { mix = new { P1A = 1.0, P3A = -0.5 } });
        Assert.Equal(HttpStatusCode.OK, await FeedbackAsync(server));
        return await server.AskAsync("alice", Question);
    }

    private static async Task AssertHoldsAsync(TestServer server, string answer)
    {
        Assert.Equal(answer, await server.AskAsync("alice", Question));
        var stored = await server.Http.GetStringAsync("/v1/feedback", Cancelled);
        Assert.Contains("f1", Assert.Single(stored.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);

        // What was applied before is still known, and what is new is added behind it.
        Assert.Equal(HttpStatusCode.OK, await FeedbackAsync(server));
        Assert.Equal(HttpStatusCode.OK, await FeedbackAsync(server, "f2"));
        stored = await server.Http.GetStringAsync("/v1/feedback", Cancelled);
        Assert.Equal(2, stored.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await server.PutProfileAsync("alice", new { mix = new { P1A = 2.0 } });
    }

    private static async Task<HttpStatusCode> FeedbackAsync(TestServer server, string operation = "f1") =>
        (await server.SendAsync(HttpMethod.Post, "/v1/feedback",
            $$"""
            {"kind": "pair", "user": "alice", "operation_id": "{{operation}}", "preference": "P1A", "prompt": "What?",
             "chosen": "Water.", "rejected": "Stones."}
            """)).Response.StatusCode;

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
