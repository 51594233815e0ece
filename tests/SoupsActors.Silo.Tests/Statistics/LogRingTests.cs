using Microsoft.Extensions.Logging;
using SoupsActors.Cluster;
using SoupsActors.Silo.Statistics;

namespace SoupsActors.Silo.Tests.Statistics;

public sealed class LogRingTests
{
    [Fact]
    public void the_newest_lines_are_kept_and_no_more()
    {
        using var ring = new LogRing(TimeProvider.System);
        var logger = ring.CreateLogger("Here");
        for (var i = 0; i < 3 * LogRing.Kept; i++)
            logger.LogInformation("Line {Number}", i);
        var lines = ring.Read();
        Assert.Equal(LogRing.Kept, lines.Length);
        Assert.Equal($"Line {3 * LogRing.Kept - 1}", lines[^1].Message);
        Assert.Equal(lines.OrderBy(line => line.Number), lines);
    }

    [Fact]
    public void long_texts_are_cut_and_details_are_left_out()
    {
        using var ring = new LogRing(TimeProvider.System);
        var logger = ring.CreateLogger("Here");
        logger.LogDebug("Not told.");
        logger.LogError(new InvalidOperationException(new string('e', 100_000)), "{Text}", new string('t', 100_000));
        var line = Assert.Single(ring.Read());
        Assert.Equal(LogGravity.Error, line.Gravity);
        Assert.InRange(line.Message.Length, 1, LogRing.LongestText + 10);
        Assert.InRange(line.Exception!.Length, 1, LogRing.LongestText + 10);
    }
}
