using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using SoupsActors.Cluster.Tests.Load;
using SoupsActors.Cluster.Tests.Processes;

namespace SoupsActors.Cluster.Tests;

/// <summary>The two example applications, which call users of two silos as grains.</summary>
public sealed class ExampleTests
{
    private const string Question = "What is rain?";

    [Fact]
    public async Task the_console_example_prints_a_users_mix_and_answer()
    {
        SiloCluster.RequireOrleans();
        var stop = TestContext.Current.CancellationToken;
        await using var cluster = await SiloCluster.StartAsync(Members.Both, stop);
        var expected = await AnswerAsync(cluster["left"].Http, "bob", stop);

        await WriteProfileAsync(cluster["right"].Http, "alice", stop);
        await using var example = new ExampleProcess(["ask", "alice", Question, .. Settings(cluster)]);
        var (code, printed) = await example.EndAsync(stop);
        Assert.Equal((0, $"alice's mix: P1A 1, P2B 0.5\n{expected}\n"), (code, printed));
    }

    [Fact]
    public async Task the_web_example_writes_a_users_mix_and_streams_an_answer()
    {
        SiloCluster.RequireOrleans();
        var stop = TestContext.Current.CancellationToken;
        await using var cluster = await SiloCluster.StartAsync(Members.Both, stop);
        var expected = await AnswerAsync(cluster["left"].Http, "bob", stop);

        await WriteProfileAsync(cluster["right"].Http, "alice", stop);
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{SiloProcess.FreePort()}");
        await using var example = new ExampleProcess(["serve", "--urls", url, .. Settings(cluster)]);
        using var http = new HttpClient { BaseAddress = new Uri(url) };
        await example.ListensAsync(http, stop);
        Assert.Equal(expected, await http.GetStringAsync(Ask("alice"), stop));

        using var put = await http.PutAsJsonAsync("/people/alice/mix", Conversation.Mix(3), stop);
        put.EnsureSuccessStatusCode();
        Assert.Equal(Conversation.Mix(3), await Conversation.ReadMixAsync(cluster["left"].Http, "alice", stop));
        Assert.NotEqual(expected, await http.GetStringAsync(Ask("alice"), stop));
    }

    [Fact]
    public async Task a_refusal_is_told_in_its_own_words()
    {
        SiloCluster.RequireOrleans();
        var stop = TestContext.Current.CancellationToken;
        await using var cluster = await SiloCluster.StartAsync(Members.Both, stop);
        await using var example = new ExampleProcess(["ask", new string('a', 257), Question, .. Settings(cluster)]);
        var (code, printed) = await example.EndAsync(stop);
        Assert.Equal((1, ""), (code, printed));
        Assert.Contains("at most 256 are allowed", example.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", example.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Orleans:Clustering:ProviderType is missing", "--Soups:Cluster:Membership=Configuration")]
    [InlineData(
        "'Abacus'", "--Soups:Cluster:Membership=Configuration", "--Orleans:Clustering:ProviderType=Abacus")]
    [InlineData(
        "Soups:Cluster:ConnectionString cannot be read", "--Soups:Cluster:Membership=AdoNet",
        "--Soups:Cluster:ConnectionString=nonsense")]
    [InlineData("Soups:Cluster:ConnectionString is missing", "--Soups:Cluster:Membership=AdoNet")]
    public async Task a_wrong_setting_is_named(string expected, params string[] settings)
    {
        SiloCluster.RequireOrleans();
        await using var example = new ExampleProcess(["ask", "alice", Question, .. settings]);
        var (code, _) = await example.EndAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, code);
        Assert.Contains(expected, example.Errors, StringComparison.Ordinal);
    }

    private static string[] Settings(SiloCluster cluster) =>
        ["--Soups:Cluster:Membership=AdoNet", $"--Soups:Cluster:ConnectionString={cluster.Connection}"];

    private static string Ask(string user) => $"/people/{user}/answer?question={Uri.EscapeDataString(Question)}";

    // At temperature 0 whoever has this profile gets the same answer.
    private static async Task WriteProfileAsync(HttpClient http, string user, CancellationToken stop)
    {
        var mix = new Dictionary<string, double> { ["P1A"] = 1, ["P2B"] = 0.5 };
        var profile = new { mix, sampling = new { temperature = 0 } };
        using var put = await http.PutAsJsonAsync($"/v1/users/{user}/profile", profile, stop);
        put.EnsureSuccessStatusCode();
    }

    private static async Task<string> AnswerAsync(HttpClient http, string user, CancellationToken stop)
    {
        await WriteProfileAsync(http, user, stop);
        var request = new { model = "soup", user, messages = new[] { new { role = "user", content = Question } } };
        using var answer = await http.PostAsJsonAsync("/v1/chat/completions", request, stop);
        var json = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonNode>(stop);
        return json!["choices"]![0]!["message"]!["content"]!.GetValue<string>();
    }
}
