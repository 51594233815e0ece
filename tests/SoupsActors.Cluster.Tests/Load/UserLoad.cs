using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace SoupsActors.Cluster.Tests.Load;

/// <summary>Users who ask, change their profiles and give feedback without a pause, and what they were promised.</summary>
internal sealed class UserLoad(HttpClient http, RequestLog log)
{
    private readonly ConcurrentDictionary<string, Writes> profiles = new();
    private readonly ConcurrentDictionary<string, byte> acknowledged = new();
    private readonly ConcurrentQueue<string> wrong = new();

    /// <summary>Answers that were not what the single process says.</summary>
    public IReadOnlyCollection<string> WrongAnswers => wrong;

    /// <summary>Ids of the feedback that was acknowledged.</summary>
    public IEnumerable<string> Acknowledged => acknowledged.Keys;

    /// <summary>Asks the same question again and again; the answer is known.</summary>
    public async Task AskAsync(int user, string name, int tokens, string expected, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await log.TryAsync("answer", async () =>
            {
                var (text, _) = await Conversation.AskAsync(http, user, name, tokens, CancellationToken.None);
                if (text != expected)
                    wrong.Enqueue($"{name}: \"{text}\" and not \"{expected}\"");
            });
        }
    }

    /// <summary>Writes one version of a profile after the other, each until it is acknowledged.</summary>
    public async Task WriteProfilesAsync(int user, string name, CancellationToken stop)
    {
        for (var version = 1; !stop.IsCancellationRequested; version++)
        {
            var writes = profiles.GetOrAdd(name, _ => new Writes());
            writes.Tried = version;
            do
            {
                if (await log.TryAsync("profile", () => Conversation.WriteProfileAsync(
                    http, name, Conversation.Mix(user, version), $"{name}-{version}", CancellationToken.None)))
                {
                    writes.Acknowledged = version;
                    break;
                }
            }
            while (!stop.IsCancellationRequested);
        }
    }

    /// <summary>Sends feedback, each piece until it is acknowledged.</summary>
    public async Task GiveFeedbackAsync(string name, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var operation = $"{name}-{i}";
            do
            {
                if (await log.TryAsync("feedback", () => SendFeedbackAsync(name, operation)))
                {
                    acknowledged.TryAdd(operation, 0);
                    break;
                }
            }
            while (!stop.IsCancellationRequested);
        }
    }

    /// <summary>Profiles that are not what was acknowledged last, nor what was tried after.</summary>
    public async Task<List<string>> LostProfilesAsync(Func<string, int> userOf, CancellationToken cancellationToken)
    {
        var lost = new List<string>();
        foreach (var (name, writes) in profiles)
        {
            var mix = await Conversation.ReadMixAsync(http, name, cancellationToken);
            var user = userOf(name);
            if (!Same(mix, Conversation.Mix(user, writes.Acknowledged)) && !Same(mix, Conversation.Mix(user, writes.Tried)))
                lost.Add($"{name} after version {writes.Acknowledged}: {string.Join(", ", mix)}");
        }

        return lost;
    }

    /// <summary>How often each piece of feedback is stored.</summary>
    public async Task<Dictionary<string, int>> StoredFeedbackAsync(CancellationToken cancellationToken)
    {
        var text = await http.GetStringAsync("/v1/feedback", cancellationToken);
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => (string)JsonNode.Parse(line)!["event"]!["operation_id"]!)
            .CountBy(id => id)
            .ToDictionary();
    }

    private async Task SendFeedbackAsync(string name, string operation)
    {
        var body = new
        {
            kind = "reaction",
            user = name,
            operation_id = operation,
            prompt = "Why?",
            answer = "Because.",
            reaction = "up",
        };
        using var answer = await http.PostAsJsonAsync("/v1/feedback", new { events = new[] { body } });
        answer.EnsureSuccessStatusCode();
        var results = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        if ((int)results["refused"]! != 0)
            throw new HttpRequestException(results.ToJsonString());
    }

    private static bool Same(Dictionary<string, double> a, Dictionary<string, double> b) =>
        a.Count == b.Count && a.All(p => b.TryGetValue(p.Key, out var value) && Math.Abs(value - p.Value) < 1e-9);

    private sealed class Writes
    {
        public int Tried { get; set; }

        public int Acknowledged { get; set; }
    }
}
