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
        await Conversation.WriteProfileAsync(http, "ann", Conversation.Mix(3), "three", stop);
        Assert.Equal(Conversation.Mix(3), await Conversation.ReadMixAsync(http, "ann", stop));
        Assert.All(cluster.Silos, silo => Assert.True(silo.IsRunning, silo.LogTail()));
    }
}
