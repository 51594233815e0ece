using SoupsActors.Dashboard.Shared;

namespace SoupsActors.Dashboard.Tests.Shared;

public sealed class NumbersTests
{
    [Theory]
    [InlineData(null, "B", "–")]
    [InlineData(double.NaN, "s", "–")]
    [InlineData(double.PositiveInfinity, "", "–")]
    [InlineData(0.0, "", "0")]
    [InlineData(0.0, "s", "0 s")]
    [InlineData(1234567.0, "tokens/s", "1\u202F234\u202F567 tokens/s")]
    [InlineData(12.34, "", "12.3")]
    [InlineData(1.004, "", "1")]
    [InlineData(0.1234, "", "0.123")]
    [InlineData(0.00001234, "", "1.2e-5")]
    [InlineData(999.0, "B", "999 B")]
    [InlineData(1024.0, "B", "1 KiB")]
    [InlineData(1536.0 * 1024 * 1024, "B", "1.5 GiB")]
    [InlineData(0.0000005, "s", "0.5 µs")]
    [InlineData(0.0123, "s", "12.3 ms")]
    [InlineData(119.0, "s", "119 s")]
    [InlineData(600.0, "s", "10 min")]
    [InlineData(0.1234, "share", "12.3%")]
    [InlineData(-5.0, "", "-5")]
    public void a_number_has_three_digits_that_count_and_a_unit(double? value, string unit, string text) =>
        Assert.Equal(text, Numbers.Format(value, unit));

    [Theory]
    [InlineData(0, "just now")]
    [InlineData(-30, "less than a minute ago")]
    [InlineData(-60, "1 minute ago")]
    [InlineData(-7199, "1 hour ago")]
    [InlineData(7200, "in 2 hours")]
    [InlineData(-86_400 * 40, "1 month ago")]
    [InlineData(-86_400 * 800, "2 years ago")]
    public void a_moment_is_told_from_now(int seconds, string text)
    {
        var now = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
        Assert.Equal(text, RelativeTimes.Format(now.AddSeconds(seconds), now));
        Assert.Equal("2030-01-02 03:04:05 UTC", RelativeTimes.Exact(now.ToOffset(TimeSpan.FromHours(5))));
    }

    [Theory]
    [InlineData(0, 1, 4)]
    [InlineData(0, 0.003, 5)]
    [InlineData(-7, 1234, 4)]
    [InlineData(5, 5, 4)]
    public void ticks_lie_on_the_axis(double from, double to, int about)
    {
        var axis = new ChartAxis(from, to, 0, 100);
        var ticks = axis.Ticks(about);
        Assert.NotEmpty(ticks);
        Assert.True(ticks.Count <= about + 2);
        Assert.All(ticks, tick => Assert.InRange(tick, from - 1e-9, to + 1e-9));
    }

    [Fact]
    public void a_line_leaves_gaps_where_nothing_was_measured()
    {
        var x = new ChartAxis(0, 4, 0, 4);
        var y = new ChartAxis(0, 1, 1, 0);
        (double, double?)[] points = [(0, 0), (1, 1), (2, null), (3, double.NaN), (4, 2)];
        Assert.Equal("M0 1h0L1 0M4 0h0", ChartAxis.Path(points, x, y));
        Assert.Equal("M4 0h0", ChartAxis.LonePoints(points, x, y));
    }
}
