using System.Diagnostics;
using SoupsActors.Cluster.Tests.Load;
using SoupsActors.Cluster.Tests.Processes;
using SoupsActors.Testing;

namespace SoupsActors.Cluster.Tests;

/// <summary>Four real processes on PostgreSQL against one with embedded storage.</summary>
public sealed class ClusterAnswersTests(ITestOutputHelper output)
{
    private const int Users = 200;
    private const int Tokens = 32;

    [Fact]
    public async Task two_hundred_users_at_once_get_the_answers_of_the_single_process()
    {
        SiloCluster.RequireOrleans();
        var stop = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        Dictionary<string, string> expected;
        await using (var single = await SiloCluster.StartSingleAsync(folder, stop))
            expected = (await RunAsync(single.Http, stop)).ToDictionary(a => a.User, a => a.Text);

        await using var cluster = await SiloCluster.StartAsync(Members.Four, stop);
        var before = cluster.Silos.ToDictionary(silo => silo.Name, silo => silo.Processor);
        var start = Stopwatch.GetTimestamp();
        var answers = await RunAsync(cluster["gateway"].Http, stop);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        Assert.All(answers, answer => Assert.Equal(expected[answer.User], answer.Text));
        Assert.True(expected.Values.Distinct().Count() > Users / 4, "The mixes make no difference.");
        output.WriteLine(
            $"{2 * Users / seconds:F0} calls/s, {answers.Sum(a => a.Tokens) / seconds:F0} tokens/s over {Users} users");
        foreach (var silo in cluster.Silos)
            output.WriteLine($"{silo.Name}: {(silo.Processor - before[silo.Name]).TotalSeconds:F1} s of processor time");
    }

    private static async Task<(string User, string Text, int Tokens)[]> RunAsync(HttpClient http, CancellationToken stop) =>
        await Task.WhenAll(Enumerable.Range(0, Users).Select(async user =>
        {
            var name = $"user-{user}";
            await Conversation.WriteProfileAsync(http, name, Conversation.Mix(user), $"profile-{user}", stop);
            var (text, tokens) = await Conversation.AskAsync(http, user, name, Tokens, stop);
            return (name, text, tokens);
        }));
}
