using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Silo.Hosting;
using SoupsActors.Testing;
using SoupsActors.Testing.Hosting;

namespace SoupsActors.Silo.Tests;

/// <summary>What someone gets who sets nothing.</summary>
public sealed class PackagedModelTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task without_a_model_setting_the_miniature_answers_each_user_in_their_own_way()
    {
        await using var app = SoupsHost.Build(
        [
            "--urls", "http://127.0.0.1:0", $"--Soups:DataDirectory={folder["data"]}", "--Logging:LogLevel:Default=Warning",
            .. LocalSilo.Ports(),
        ]);
        await app.StartAsync(TestContext.Current.CancellationToken);
        var startup = app.Services.GetRequiredService<StartupState>();
        await startup.Ended;
        Assert.Null(startup.Reason);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        var preferences = (await http.GetFromJsonAsync<JsonNode>("/v1/preferences"))!["data"]!.AsArray();
        Assert.All(preferences, p => Assert.True((bool)p!["available"]!, (string?)p["id"]));
        var concise = await AnswerAsync(http, "alice", new { mix = new { P2A = 1 } });
        var full = await AnswerAsync(http, "bob", new { mix = new { P2B = 1 } });
        Assert.True(full.Length > 2 * concise.Length, $"Concise: {concise}\nFull: {full}");
    }

    private static async Task<string> AnswerAsync(HttpClient http, string user, object profile)
    {
        using var written = await http.PutAsJsonAsync($"/v1/users/{user}/profile", profile, TestServer.Json);
        written.EnsureSuccessStatusCode();
        using var response = await http.PostAsJsonAsync("/v1/chat/completions", new
        {
            model = "soup",
            user,
            temperature = 0,
            messages = new[] { new { role = "user", content = "What is a volcano?" } },
        });
        return (string)(await response.Content.ReadFromJsonAsync<JsonNode>())!["choices"]![0]!["message"]!["content"]!;
    }
}
