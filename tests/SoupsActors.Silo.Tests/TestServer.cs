using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Silo.Hosting;
using SoupsActors.Testing;
using SoupsActors.Testing.Hosting;

namespace SoupsActors.Silo.Tests;

/// <summary>
/// A real server on a free port with a tiny model, experts P1A, P2B and P3A, and a data directory of its own.
/// </summary>
public sealed class TestServer : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private readonly string[] settings;
    private readonly Action<IServiceCollection>? replaceServices;
    private WebApplication? app;

    public TestServer()
        : this([])
    {
    }

    internal TestServer(params string[] settings)
        : this(settings, null)
    {
    }

    internal TestServer(string[] settings, Action<IServiceCollection>? replaceServices)
    {
        this.settings = settings;
        this.replaceServices = replaceServices;
        Model = TinyModel.Create(folder["tiny"], context: 512);
        Model.AddExpert("P1A", 11);
        Model.AddExpert("P2B", 12);
        Model.AddExpert("P3A", 13);
        Directory.CreateDirectory(folder["import"]);
    }

    /// <summary>Names as they stand, for ids of preferences are names too.</summary>
    internal static JsonSerializerOptions Json { get; } = new();

    internal TinyModel Model { get; }

    internal string ImportDirectory => folder["import"];

    internal string DataDirectory => folder["data"];

    internal HttpClient Http { get; private set; } = null!;

    internal IServiceProvider Services => app!.Services;

    public async ValueTask InitializeAsync()
    {
        app = SoupsHost.Build(
        [
            "--urls", "http://127.0.0.1:0",
            $"--Soups:Model={Model.Folder}",
            $"--Soups:DataDirectory={DataDirectory}",
            $"--Soups:ImportDirectory={ImportDirectory}",
            "--Soups:Threads=2",
            "--Soups:Training:Niceness=0",
            "--Logging:LogLevel:Default=Warning",
            .. LocalSilo.Ports(),
            .. settings,
        ], replaceServices);
        await app.StartAsync();
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        var startup = Services.GetRequiredService<StartupState>();
        await startup.Ended;
        Assert.Null(startup.Reason);
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        if (app is not null)
            await app.DisposeAsync();
        folder.Dispose();
    }

    /// <summary>Sends a body, which need not be JSON.</summary>
    internal async Task<(HttpResponseMessage Response, JsonNode? Body)> SendAsync(
        HttpMethod method, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response, text.StartsWith('{') ? JsonNode.Parse(text) : null);
    }

    internal async Task<JsonNode> PutProfileAsync(string user, object profile)
    {
        using var response = await Http.PutAsJsonAsync($"/v1/users/{Uri.EscapeDataString(user)}/profile", profile, Json);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    /// <summary>The text that a user gets for a question.</summary>
    internal async Task<string> AskAsync(string? user, string question, string model = "soup", object? soup = null)
    {
        using var response = await Http.PostAsJsonAsync("/v1/chat/completions", new
        {
            model,
            user,
            soup = soup ?? new { },
            seed = 5,
            max_tokens = 12,
            messages = new[] { new { role = "user", content = question } },
        }, Json);
        var body = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.True(response.IsSuccessStatusCode, body.ToJsonString());
        return (string)body["choices"]![0]!["message"]!["content"]!;
    }
}
