using Npgsql;
using SoupsActors.Cluster.Tests.Load;
using SoupsActors.Cluster.Tests.Processes;
using SoupsActors.Testing;

namespace SoupsActors.Cluster.Tests;

/// <summary>The smallest cluster: two processes that do everything.</summary>
public sealed class TwoSilosTests
{
    private const int Users = 40;
    private const int Tokens = 16;

    // The default pools of one silo: 8 connections for state and 4 for the list of silos.
    private const int ConnectionsOfASilo = 12;

    [Fact]
    public async Task either_silo_gives_the_answers_of_the_single_process_and_knows_what_the_other_was_told()
    {
        SiloCluster.RequireOrleans();
        var stop = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        string[] expected;
        await using (var single = await SiloCluster.StartSingleAsync(folder, stop))
            expected = await RunAsync(_ => single.Http, stop);

        await using var cluster = await SiloCluster.StartAsync(Members.Both, stop);
        Assert.Equal(expected, await RunAsync(user => cluster[Members.Both[user % 2].Name].Http, stop));
        for (var user = 0; user < Users; user++)
        {
            var other = cluster[Members.Both[(user + 1) % 2].Name].Http;
            Assert.Equal(Conversation.Mix(user), await Conversation.ReadMixAsync(other, $"user-{user}", stop));
        }

        Assert.InRange(await ConnectionsAsync(cluster, stop), 2, Members.Both.Length * ConnectionsOfASilo);
    }

    [Fact]
    public async Task a_silo_that_returns_is_a_new_member_and_the_one_that_died_is_not_waited_for()
    {
        SiloCluster.RequireOrleans();
        var stop = TestContext.Current.CancellationToken;
        await using var cluster = await SiloCluster.StartAsync(Members.Both, stop);
        var left = cluster["left"];
        for (var user = 0; user < Users; user++)
            await Conversation.WriteProfileAsync(left.Http, $"user-{user}", Conversation.Mix(user), $"op-{user}", stop);
        await cluster["right"].KillAsync();
        cluster["right"].Start();
        await cluster["right"].ReadyAsync(stop);
        for (var user = 0; user < Users; user++)
        {
            Assert.Equal(
                Conversation.Mix(user), await Conversation.ReadMixAsync(cluster["right"].Http, $"user-{user}", stop));
        }
    }

    [Fact]
    public async Task a_silo_whose_user_may_create_no_tables_joins_where_the_owner_has_started_once()
    {
        SiloCluster.RequireOrleans();
        var stop = TestContext.Current.CancellationToken;
        await using var cluster = await SiloCluster.StartAsync(Members.Both, stop);
        var limited = new NpgsqlConnectionStringBuilder(cluster.Connection) { Username = "limited", Password = "x" };
        await cluster.Database.ExecuteAsync(
            "CREATE ROLE limited LOGIN PASSWORD 'x'; REVOKE CREATE ON SCHEMA public FROM PUBLIC; "
                + "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO limited",
            limited.Database!);
        var right = cluster["right"];
        await right.StopAsync();
        right.Start($"--Soups:Storage:ConnectionString={limited}");
        await right.ReadyAsync(stop);
        await Conversation.WriteProfileAsync(right.Http, "ann", Conversation.Mix(1), "one", stop);
        Assert.Equal(Conversation.Mix(1), await Conversation.ReadMixAsync(cluster["left"].Http, "ann", stop));
        Assert.NotEmpty((await Conversation.AskAsync(right.Http, 1, "ann", Tokens, stop)).Text);
    }

    private static Task<string[]> RunAsync(Func<int, HttpClient> way, CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, Users).Select(async user =>
        {
            await Conversation.WriteProfileAsync(way(user), $"user-{user}", Conversation.Mix(user), $"op-{user}", stop);
            return (await Conversation.AskAsync(way(user), user, $"user-{user}", Tokens, stop)).Text;
        }));

    private static async Task<long> ConnectionsAsync(SiloCluster cluster, CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(
            cluster.Database.ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync(stop);
        await using var count = new NpgsqlCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'soups%'", connection);
        return (long)(await count.ExecuteScalarAsync(stop))!;
    }
}
