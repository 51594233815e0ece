using SoupsActors.Cluster;
using SoupsActors.Dashboard.Pages.Operations;

namespace SoupsActors.Dashboard.Tests.Pages;

public sealed class OperationsTablesTests
{
    private static readonly MethodStatistics[] Methods =
    [
        new("IA", "Often", 100, 0, 0.001, 0.01), new("IB", "Slow", 2, 0, 3, 5), new("IC", "Failing", 10, 7, 0.1, 0.2),
    ];

    [Theory]
    [InlineData("Slowest", "Slow")]
    [InlineData("MostFailing", "Failing")]
    [InlineData("MostCalled", "Often")]
    public void methods_come_in_the_order_asked_for(string order, string first) =>
        Assert.Equal(first, OperationsTables.Order(Methods, Enum.Parse<MethodOrder>(order), 1).Single().Method);

    [Fact]
    public void the_newest_lines_that_fit_come_first()
    {
        var lines = Enumerable.Range(0, 300).Select(i => new LogLine(
            i, DateTimeOffset.UnixEpoch, (LogGravity)(i % 3), i % 2 == 0 ? "Even" : "Odd", $"Line {i}", null)).ToArray();
        var shown = OperationsTables.Filter(lines, LogGravity.Warning, " odd ", 5);
        Assert.Equal(5, shown.Count);
        Assert.All(shown, line => Assert.True(line.Gravity >= LogGravity.Warning && line.Category == "Odd"));
        Assert.Equal(shown.OrderByDescending(line => line.Number), shown);
    }
}
