using System.Globalization;
using SoupsActors.Cluster.Tests.Load;
using SoupsActors.Cluster.Tests.Processes;
using SoupsActors.Testing;

namespace SoupsActors.Cluster.Tests;

/// <summary>Silos come and go under load. SOUPS_CHAOS_MINUTES says for how long; one minute is the default.</summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const int Users = 8;
    private const int Tokens = 24;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task nothing_acknowledged_is_lost_and_no_token_is_wrong_while_silos_die_and_return()
    {
        SiloCluster.RequireOrleans();
        var test = TestContext.Current.CancellationToken;
        var minutes = double.Parse(
            Environment.GetEnvironmentVariable("SOUPS_CHAOS_MINUTES") ?? "1", CultureInfo.InvariantCulture);
        var steps = (int)Math.Ceiling(8 * minutes);
        var (expected, hash) = await UndisturbedAsync(steps, test);

        await using var cluster = await SiloCluster.StartAsync(Members.Four, test, "--Soups:Training:Niceness=0");
        var http = cluster["gateway"].Http;
        var log = new RequestLog();
        var load = new UserLoad(http, log);
        for (var user = 0; user < Users; user++)
            await Conversation.WriteProfileAsync(http, Asker(user), Conversation.Mix(user), $"first-{user}", test);
        await TrainingRun.StartAsync(http, steps, test);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(test);
        var work = Enumerable.Range(0, Users)
            .SelectMany(user => (Task[])
            [
                load.AskAsync(user, Asker(user), Tokens, expected[user], stop.Token),
                load.WriteProfilesAsync(user, Writer(user), stop.Token),
                load.GiveFeedbackAsync($"rater-{user}", stop.Token),
            ])
            .ToArray();
        var kills = await DisturbAsync(cluster, log, TimeSpan.FromMinutes(minutes), test);
        await stop.CancelAsync();
        await Task.WhenAll(work);

        Report(log, kills);
        Assert.Empty(load.WrongAnswers);
        Assert.Empty(await load.LostProfilesAsync(name => int.Parse(name.Split('-')[1], CultureInfo.InvariantCulture), test));
        var stored = await load.StoredFeedbackAsync(test);
        Assert.All(load.Acknowledged, id => Assert.Equal(1, stored.GetValueOrDefault(id)));
        Assert.Equal(hash, await TrainingRun.PublishedAsync(http, test));
    }

    private static async Task<(string[] Answers, string Hash)> UndisturbedAsync(int steps, CancellationToken test)
    {
        using var folder = new TemporaryFolder();
        await using var single = await SiloCluster.StartSingleAsync(folder, test, "--Soups:Training:Niceness=0");
        var answers = new string[Users];
        for (var user = 0; user < Users; user++)
        {
            await Conversation.WriteProfileAsync(single.Http, Asker(user), Conversation.Mix(user), $"first-{user}", test);
            answers[user] = (await Conversation.AskAsync(single.Http, user, Asker(user), Tokens, test)).Text;
        }

        await TrainingRun.StartAsync(single.Http, steps, test);
        return (answers, await TrainingRun.PublishedAsync(single.Http, test));
    }

    /// <summary>Ends a silo every twenty seconds, by force or politely, and starts it again.</summary>
    private static async Task<List<(TimeSpan At, string Name, bool Killed)>> DisturbAsync(
        SiloCluster cluster, RequestLog log, TimeSpan duration, CancellationToken test)
    {
        var random = new Random(4);
        var kills = new List<(TimeSpan At, string Name, bool Killed)>();
        string[] victims = [.. Members.Four.Select(m => m.Name).Where(name => name != "gateway")];
        while (log.Now < duration)
        {
            await Task.Delay(Every, test);
            var silo = cluster[victims[random.Next(victims.Length)]];
            var killed = random.Next(2) == 0;
            kills.Add((log.Now, silo.Name, killed));
            await (killed ? silo.KillAsync() : silo.StopAsync());
            silo.Start();
            await silo.ReadyAsync(test);
        }

        return kills;
    }

    private void Report(RequestLog log, List<(TimeSpan At, string Name, bool Killed)> kills)
    {
        foreach (var kind in (string[])["answer", "profile", "feedback"])
            output.WriteLine($"{kind}: {log.Count(kind)} done, {log.Count(kind, failed: true)} failed");
        foreach (var (error, count) in log.Errors.CountBy(e => e.Length > 160 ? e[..160] : e).OrderByDescending(e => e.Value).Take(8))
            output.WriteLine($"  {count} × {error}");
        for (var i = 0; i < kills.Count; i++)
        {
            var next = i + 1 < kills.Count ? kills[i + 1].At : log.Now;
            var recovery = log.Recovery(kills[i].At, next, Patience);
            output.WriteLine(
                $"{kills[i].At:mm\\:ss} {kills[i].Name} {(kills[i].Killed ? "killed" : "stopped")}: the last request that "
                + $"failed or took over {Patience.TotalSeconds} s began {recovery.TotalSeconds:F1} s later");
        }
    }

    private static string Asker(int user) => $"asker-{user}";

    private static string Writer(int user) => $"writer-{user}";
}
