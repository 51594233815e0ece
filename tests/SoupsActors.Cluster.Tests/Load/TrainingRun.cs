using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace SoupsActors.Cluster.Tests.Load;

/// <summary>One training of a preference that no user of the load has in the mix, from feedback that is always the same.</summary>
internal static class TrainingRun
{
    private const string Preference = "P3C";

    public static async Task StartAsync(HttpClient http, int steps, CancellationToken cancellationToken)
    {
        var events = Enumerable.Range(0, 24).Select(i => new
        {
            kind = "pair",
            user = "cook",
            operation_id = $"cook-{i}",
            preference = Preference,
            prompt = $"What is soup {i % 12}?",
            chosen = $"Soup {i} is good, my friend.",
            rejected = $"Salt {i}, onions and carrots.",
        });
        using (var sent = await http.PostAsJsonAsync("/v1/feedback", new { events }, cancellationToken))
            sent.EnsureSuccessStatusCode();
        using var started = await http.PostAsJsonAsync(
            "/v1/trainings",
            new
            {
                preference = Preference,
                steps,
                reward_steps = 24,
                batch = 8,
                max_tokens = 24,
                minimum_comparisons = 10,
                evaluation_prompts = 12,
                kl_bound = 1000,
                win_rate_above = 0,
                judge = "reward",
                rank = 2,
                from = "base",
            },
            cancellationToken);
        if (!started.IsSuccessStatusCode)
            throw new InvalidOperationException(await started.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>The content hash of the weights that were published.</returns>
    public static async Task<string> PublishedAsync(HttpClient http, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var training = await http.GetFromJsonAsync<JsonNode>($"/v1/trainings/{Preference}", cancellationToken);
                if ((string?)training!["activity"] == "ended")
                {
                    Assert.True((string?)training["phase"] == "published", training.ToJsonString());
                    var expert = await http.GetFromJsonAsync<JsonNode>($"/v1/experts/{Preference}", cancellationToken);
                    return (string)expert!["current"]!["hash"]!;
                }
            }
            catch (HttpRequestException)
            {
                // The silo that knows is being started again.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken);
        }
    }
}
