using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace SoupsActors.Cluster.Tests.Load;

/// <summary>What users of the tests ask, and what they want.</summary>
internal static class Conversation
{
    private static readonly string[] Topics =
        ["a volcano", "bees", "rain", "the moon", "gravity", "the heart", "an atom", "tides", "snow", "the ocean"];

    private static readonly string[] Poles = ["P1A", "P1B", "P2A", "P2B", "P3A", "P3B"];

    public static string Question(int user) => $"What is {Topics[user % Topics.Length]}?";

    /// <summary>A mix like nobody else's.</summary>
    public static Dictionary<string, double> Mix(int user, int version = 0) => new()
    {
        [Poles[user % 2]] = 0.5 + (user * 7 % 50 / 100.0),
        [Poles[2 + (user / 2 % 2)]] = 0.5 + (user * 13 % 50 / 100.0),
        [Poles[4 + (user / 4 % 2)]] = 0.25 + (version % 1000 / 2000.0),
    };

    /// <summary>Writes a profile; a repetition with the same operation id is applied once.</summary>
    public static async Task WriteProfileAsync(
        HttpClient http, string user, Dictionary<string, double> mix, string operation, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/v1/users/{user}/profile")
        {
            Content = JsonContent.Create(new { mix }),
        };
        request.Headers.Add("Idempotency-Key", operation);
        using var answer = await http.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    public static async Task<Dictionary<string, double>> ReadMixAsync(
        HttpClient http, string user, CancellationToken cancellationToken)
    {
        var body = await http.GetFromJsonAsync<JsonNode>($"/v1/users/{user}/profile", cancellationToken);
        return body!["profile"]!["mix"]!.AsObject().ToDictionary(p => p.Key, p => p.Value!.GetValue<double>());
    }

    /// <summary>An answer drawn with a seed: the same one wherever it is given.</summary>
    public static async Task<(string Text, int Tokens)> AskAsync(
        HttpClient http, int user, string name, int maxTokens, CancellationToken cancellationToken)
    {
        using var answer = await http.PostAsJsonAsync(
            "/v1/chat/completions",
            new
            {
                model = "soup",
                user = name,
                seed = user,
                temperature = 0.8,
                max_tokens = maxTokens,
                messages = new[] { new { role = "user", content = Question(user) } },
            },
            cancellationToken);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (!answer.IsSuccessStatusCode)
            throw new HttpRequestException($"{(int)answer.StatusCode}: {body}", null, answer.StatusCode);
        var json = JsonNode.Parse(body)!;
        return (
            json["choices"]![0]!["message"]!["content"]!.GetValue<string>(),
            json["usage"]!["completion_tokens"]!.GetValue<int>());
    }
}
