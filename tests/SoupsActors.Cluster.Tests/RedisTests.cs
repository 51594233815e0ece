using Npgsql;
using SoupsActors.Cluster.Tests.Load;
using SoupsActors.Cluster.Tests.Processes;

namespace SoupsActors.Cluster.Tests;

/// <summary>Silos that find each other in Redis and keep their state in PostgreSQL.</summary>
public sealed class RedisTests
{
    private const int Users = 8;
    private const int Tokens = 16;

    [Fact]
    public async Task silos_find_each_other_in_Redis_again_after_one_has_died_and_answer_while_it_is_away()
    {
        SiloCluster.RequireOrleans();
        var stop = TestContext.Current.CancellationToken;
        await using var redis = await RedisServer.StartAsync(stop);
        await using var cluster = await SiloCluster.StartAsync(Members.Both, stop, redis.Settings);
        var (left, right) = (cluster["left"], cluster["right"]);
        var answers = await AskAsync(left, stop);
        Assert.Equal(answers, await AskAsync(right, stop));
        await AssertSharedAsync(left, right, "first", stop);

        await right.KillAsync();
        right.Start();
        await right.ReadyAsync(stop);
        Assert.Equal(answers, await AskAsync(right, stop));
        await AssertSharedAsync(right, left, "second", stop);
        await redis.StopAsync();
        Assert.Equal(answers, await AskAsync(left, stop));
        await AssertSharedAsync(left, right, "third", stop);
        Assert.False(await HasTableAsync(cluster, stop), "The list of silos is in PostgreSQL.");
    }

    private static Task<string[]> AskAsync(SiloProcess silo, CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, Users).Select(async user =>
            (await Conversation.AskAsync(silo.Http, user, $"asker-{user}", Tokens, stop)).Text));

    // A user lives on one silo only: had each a cluster of its own, the second would read a profile from storage, and
    // keep it when the first writes another.
    private static async Task AssertSharedAsync(SiloProcess one, SiloProcess other, string time, CancellationToken stop)
    {
        for (var version = 1; version <= 2; version++)
        {
            for (var user = 0; user < Users; user++)
            {
                var (name, mix) = ($"{time}-{user}", Conversation.Mix(user, version * 100));
                await Conversation.WriteProfileAsync(one.Http, name, mix, $"{time}-{user}-{version}", stop);
                Assert.Equal(mix, await Conversation.ReadMixAsync(other.Http, name, stop));
            }
        }
    }

    private static async Task<bool> HasTableAsync(SiloCluster cluster, CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(cluster.Connection + ";Pooling=false");
        await connection.OpenAsync(stop);
        await using var find = new NpgsqlCommand("SELECT to_regclass('orleansmembershiptable') IS NOT NULL", connection);
        return (bool)(await find.ExecuteScalarAsync(stop))!;
    }
}
