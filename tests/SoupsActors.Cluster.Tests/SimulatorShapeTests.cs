using System.Diagnostics;
using System.Globalization;
using SoupsActors.Cluster.Tests.Load;
using SoupsActors.Cluster.Tests.Processes;
using SoupsActors.Simulation;

namespace SoupsActors.Cluster.Tests;

/// <summary>
/// Puts real clusters of two and four generators beside the simulation of them. It measures time, so it is run by hand
/// on a machine that does nothing else (<c>-explicit only</c>) and prints ratios; nothing is asserted but that all was
/// answered.
/// </summary>
public sealed class SimulatorShapeTests(ITestOutputHelper output)
{
    private const int Users = 60;
    private const int Tokens = 24;
    private const int Slots = 4;
    private static readonly string[] Experts = ["P1A", "P1B", "P2A", "P2B", "P3A", "P3B"];
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Think = TimeSpan.FromMilliseconds(150);

    [Fact(Explicit = true)]
    public async Task the_simulator_beside_clusters_of_two_and_four_generators()
    {
        SiloCluster.RequireOrleans();
        var stop = TestContext.Current.CancellationToken;

        // One generator, one request at a time and eight: what a step and a row take, with all that is around them.
        ServiceModel service;
        double tokens;
        await using (var one = await StartAsync(1, stop))
        {
            await WriteProfilesAsync(one, stop);
            await RunAsync(one, 1, TimeSpan.Zero, stop);
            var alone = await RunAsync(one, 1, TimeSpan.Zero, stop);
            var eight = await RunAsync(one, 8, TimeSpan.Zero, stop);
            tokens = alone.Tokens;
            var (step1, step8) = (alone.Median / tokens, eight.Median / eight.Tokens);
            var row = Math.Max(0, (step8 - step1) / 7);
            service = new ServiceModel { StepSeconds = step1 - row, RowSeconds = row };
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"step {1e3 * service.StepSeconds:F3} ms + {1e3 * row:F3} ms a row, {tokens:F1} tokens"));
        }

        foreach (var generators in (int[])[2, 4])
        {
            await using var cluster = await StartAsync(generators, stop);
            await WriteProfilesAsync(cluster, stop);
            await RunAsync(cluster, 4, Think, stop);
            var before = cluster.Silos.ToDictionary(s => s.Name, s => s.Processor);
            var real = await RunAsync(cluster, 4, Think, stop);
            var work = cluster.Silos.Where(s => s.Name != "gateway").Select(s => (s.Processor - before[s.Name]).TotalSeconds)
                .OrderDescending().ToArray();
            var simulated = ClusterSimulation.Run(
                new SimulationOptions
                {
                    Silos = generators,
                    Users = Users,
                    UserExponent = 0,
                    Experts = Experts.Length,
                    ExpertExponent = 0,
                    ExpertsPerMix = 3,
                    Slots = Slots,
                    CachedExperts = 64,
                    Rows = 32,
                    Clients = 4,
                    ThinkSeconds = Think.TotalSeconds,
                    Service = service,
                    PromptTokens = 0,
                    AnswerTokens = tokens,
                    AnswerLengths = AnswerLengths.Fixed,
                    Requests = 20_000,
                    NetworkLatencySeconds = 0,
                },
                cancellationToken: stop);
            Line(generators, "answers a second", real.PerSecond, simulated.AnswersPerSecond);
            Line(generators, "answer p50, ms", 1e3 * real.Median, 1e3 * simulated.Answer.P50);
            Line(generators, "share of the busiest", work[0] / work.Sum(), simulated.SiloShares.Max());
            Line(generators, "share of the idlest", work[^1] / work.Sum(), simulated.SiloShares.Min());
        }
    }

    private void Line(int generators, string what, double real, double simulated) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{generators} generators, {what}: real {real:G4}, simulated {simulated:G4}, ratio {simulated / real:F2}"));

    private static Task<SiloCluster> StartAsync(int generators, CancellationToken stop) => SiloCluster.StartAsync(
        [("gateway", "gateway"), .. Enumerable.Range(1, generators).Select(i => ($"generator-{i}", "generator"))],
        stop,
        string.Create(CultureInfo.InvariantCulture, $"--Soups:Engine:MaxResidentExperts={Slots}"));

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
        SiloCluster cluster, int clients, TimeSpan think, CancellationToken stop)
    {
        var start = Stopwatch.GetTimestamp();
        var answers = await Task.WhenAll(Enumerable.Range(0, clients).Select(async client =>
        {
            var random = new Random(client);
            var mine = new List<(double Seconds, int Tokens)>();
            while (Stopwatch.GetElapsedTime(start) < Duration)
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
