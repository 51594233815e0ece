using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using SoupsActors.Cluster.Tests.Load;
using SoupsActors.Cluster.Tests.Processes;
using SoupsActors.Placement;
using SoupsActors.Simulation;

namespace SoupsActors.Cluster.Tests;

/// <summary>
/// Puts real clusters of two and four generators beside the simulation of them. It measures time, so it is run by hand
/// on a machine that does nothing else (<c>-explicit only</c>) and prints ratios; nothing is asserted but that all was
/// answered.
/// </summary>
public sealed class SimulatorShapeTests(ITestOutputHelper output)
{
    // Enough that each of the twenty mixes is about as frequent here as there.
    private const int Users = 600;
    private const int Clients = 4;
    private const int Tokens = 24;
    private const int Slots = 4;
    private static readonly string[] Experts = ["P1A", "P1B", "P2A", "P2B", "P3A", "P3B"];

    // Experts are asked for 12 times a second: two homes each, and far from one and from three.
    private const int RequestsPerReplica = 7;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Think = TimeSpan.FromMilliseconds(150);

    // A little longer than what silos tell of the last minute, so that it is of this load alone; and as long before,
    // until the rates by which experts spread, means over half a minute, have settled.
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(75);

    [Fact(Explicit = true)]
    public async Task the_simulator_beside_clusters_of_two_and_four_generators()
    {
        SiloCluster.RequireOrleans();
        var stop = TestContext.Current.CancellationToken;
        var (service, tokens) = await MeasureServiceAsync(stop);
        foreach (var generators in (int[])[2, 4])
        {
            await using var cluster = await StartAsync(generators, stop);
            var gateway = cluster["gateway"].Http;
            var keys = await GeneratorsAsync(gateway, generators, stop);
            await WriteProfilesAsync(cluster, stop);
            await RunAsync(cluster, Clients, Think, Duration, stop);
            var real = await RunAsync(cluster, Clients, Think, Duration, stop);
            var figures = (await gateway.GetFromJsonAsync<JsonNode>("/v1/cluster", stop))!;
            var hashes = (await ItemsAsync(gateway, "/v1/experts", stop))
                .Where(e => Experts.Contains(e["id"]!.GetValue<string>()))
                .Select(e => e["current"]!["hash"]!.GetValue<string>()).ToArray();
            var simulated = ClusterSimulation.Run(
                new SimulationOptions
                {
                    Silos = generators,
                    SiloKeys = keys,
                    Users = Users,
                    UserExponent = 0,
                    Experts = Experts.Length,
                    ExpertHashes = hashes,
                    Placement = new PlacementOptions { RequestsPerReplica = RequestsPerReplica },
                    ExpertExponent = 0,
                    ExpertsPerMix = 3,
                    Slots = Slots,
                    CachedExperts = 64,
                    Rows = 32,
                    Clients = Clients,
                    ThinkSeconds = Think.TotalSeconds,
                    Service = service,
                    PromptTokens = 0,
                    AnswerTokens = tokens,
                    AnswerLengths = AnswerLengths.Fixed,
                    Requests = 20_000,
                    NetworkLatencySeconds = 0,
                },
                cancellationToken: stop);
            var answered = keys.Select(key => AnswersOf(figures, key)).ToArray();
            Line(generators, "answers a second", real.PerSecond, simulated.AnswersPerSecond);
            Line(generators, "answer p50, ms", 1e3 * real.Median, 1e3 * simulated.Answer.P50);
            Line(
                generators,
                "share of experts brought to a device",
                figures["recent"]!["expert_load_share"]!.GetValue<double>(),
                simulated.LoadShare);
            for (var i = 0; i < generators; i++)
                Line(generators, $"share of {keys[i]}", answered[i] / answered.Sum(), simulated.SiloShares[i]);
        }
    }

    /// <summary>
    /// What a step and a row take with all that is around them, from one generator: one client at the pace of the load
    /// to come, since processes that sleep between requests answer later, and for what a row adds one and eight clients
    /// without a pause.
    /// </summary>
    private async Task<(ServiceModel Service, double Tokens)> MeasureServiceAsync(CancellationToken stop)
    {
        await using var cluster = await StartAsync(1, stop);
        await WriteProfilesAsync(cluster, stop);
        await RunAsync(cluster, 1, TimeSpan.Zero, WarmUp, stop);
        var one = await RunAsync(cluster, 1, TimeSpan.Zero, WarmUp, stop);
        var eight = await RunAsync(cluster, 8, TimeSpan.Zero, WarmUp, stop);
        var paced = await RunAsync(cluster, 1, Think, WarmUp, stop);
        var row = Math.Max(0, (eight.Median / eight.Tokens - one.Median / one.Tokens) / 7);
        var step = paced.Median / paced.Tokens - row;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"step {1e3 * step:F3} ms + {1e3 * row:F3} ms a row, {paced.Tokens:F1} tokens"));
        return (new ServiceModel { StepSeconds = step, RowSeconds = row }, paced.Tokens);
    }

    /// <summary>Waits until the gateway knows all generators; returns their keys.</summary>
    private static async Task<string[]> GeneratorsAsync(HttpClient gateway, int count, CancellationToken stop)
    {
        while (true)
        {
            var known = await ItemsAsync(gateway, "/v1/generators", stop);
            if (known.Count == count)
                return [.. known.Select(generator => generator["id"]!.GetValue<string>())];
            await Task.Delay(TimeSpan.FromMilliseconds(100), stop);
        }
    }

    private static async Task<List<JsonNode>> ItemsAsync(HttpClient http, string path, CancellationToken stop) =>
        [.. (await http.GetFromJsonAsync<JsonNode>(path, stop))!["data"]!.AsArray().Select(item => item!)];

    private static double AnswersOf(JsonNode figures, string key) => figures["silos"]!.AsArray()
        .Where(silo => key.StartsWith(silo!["identity"]!["name"]!.GetValue<string>(), StringComparison.Ordinal))
        .Sum(silo => silo!["recent"]!["answers_per_second"]!.GetValue<double>());

    private void Line(int generators, string what, double real, double simulated) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{generators} generators, {what}: real {real:G4}, simulated {simulated:G4}, ratio {simulated / real:F2}"));

    private static Task<SiloCluster> StartAsync(int generators, CancellationToken stop) => SiloCluster.StartAsync(
        [("gateway", "gateway"), .. Enumerable.Range(1, generators).Select(i => ($"generator-{i}", "generator"))],
        stop,
        string.Create(CultureInfo.InvariantCulture, $"--Soups:Engine:MaxResidentExperts={Slots}"),
        string.Create(CultureInfo.InvariantCulture, $"--Soups:Placement:RequestsPerReplica={RequestsPerReplica}"));

    private static async Task WriteProfilesAsync(SiloCluster cluster, CancellationToken stop)
    {
        var random = new Random(5);
        for (var user = 0; user < Users; user++)
        {
            var mix = random.GetItems(Experts, 20).Distinct().Take(3).ToDictionary(id => id, _ => 1.0);
            await Conversation.WriteProfileAsync(cluster["gateway"].Http, $"user-{user}", mix, $"p-{user}", stop);
        }
    }

    /// <summary>Clients in a closed loop for a while.</summary>
    private static async Task<(double PerSecond, double Median, double Tokens)> RunAsync(
        SiloCluster cluster, int clients, TimeSpan think, TimeSpan duration, CancellationToken stop)
    {
        var start = Stopwatch.GetTimestamp();
        var answers = await Task.WhenAll(Enumerable.Range(0, clients).Select(async client =>
        {
            var random = new Random(client);
            var mine = new List<(double Seconds, int Tokens)>();
            while (Stopwatch.GetElapsedTime(start) < duration)
            {
                var user = random.Next(Users);
                var began = Stopwatch.GetTimestamp();
                var (_, tokens) = await Conversation.AskAsync(cluster["gateway"].Http, user, $"user-{user}", Tokens, stop);
                mine.Add((Stopwatch.GetElapsedTime(began).TotalSeconds, tokens));
                if (think > TimeSpan.Zero)
                    await Task.Delay(-Math.Log(1 - random.NextDouble()) * think, stop);
            }

            return mine;
        }));
        var all = answers.SelectMany(a => a).ToArray();
        return (
            all.Length / Stopwatch.GetElapsedTime(start).TotalSeconds,
            all.Select(a => a.Seconds).Order().ElementAt(all.Length / 2),
            all.Average(a => a.Tokens));
    }
}
