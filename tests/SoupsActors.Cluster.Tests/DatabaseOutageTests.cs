using System.Net;
using SoupsActors.Cluster.Tests.Load;
using SoupsActors.Cluster.Tests.Processes;

namespace SoupsActors.Cluster.Tests;

/// <summary>PostgreSQL away for half a minute under a running cluster.</summary>
public sealed class DatabaseOutageTests
{
    [Fact]
    public async Task while_the_database_is_away_what_is_resident_is_read_and_writes_are_refused_whole()
    {
        SiloCluster.RequireOrleans();
        var stop = TestContext.Current.CancellationToken;
        await using var cluster = await SiloCluster.StartAsync(Members.Four, stop);
        var http = cluster["gateway"].Http;
        await Conversation.WriteProfileAsync(http, "ann", Conversation.Mix(1), "one", stop);
        var before = (await Conversation.AskAsync(http, 1, "ann", 24, stop)).Text;

        await cluster.Database.StopAsync();
        var refused = await Assert.ThrowsAsync<HttpRequestException>(
            () => Conversation.WriteProfileAsync(http, "ann", Conversation.Mix(2), "two", stop));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(Conversation.Mix(1), await Conversation.ReadMixAsync(http, "ann", stop));
        await Task.Delay(TimeSpan.FromSeconds(30), stop);
        Assert.Equal(before, (await Conversation.AskAsync(http, 1, "ann", 24, stop)).Text);
        await cluster.Database.StartAgainAsync();

        Assert.Equal(Conversation.Mix(1), await Conversation.ReadMixAsync(http, "ann", stop));
        await WriteAfterRefusalsAsync(http, "ann", Conversation.Mix(3), "three", stop);
        Assert.Equal(Conversation.Mix(3), await Conversation.ReadMixAsync(http, "ann", stop));
        Assert.All(cluster.Silos, silo => Assert.True(silo.IsRunning, silo.LogTail()));
    }

    /// <summary>Sends a write again while it is refused, as its Retry-After asks, for a few seconds.</summary>
    private static async Task WriteAfterRefusalsAsync(
        HttpClient http, string user, Dictionary<string, double> mix, string operation, CancellationToken stop)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await Conversation.WriteProfileAsync(http, user, mix, operation, stop);
                return;
            }
            catch (HttpRequestException error) when (error.StatusCode == HttpStatusCode.ServiceUnavailable && attempt < 10)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), stop);
            }
        }
    }
}
