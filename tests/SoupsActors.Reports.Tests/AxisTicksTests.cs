using FsCheck;
using FsCheck.Fluent;

namespace SoupsActors.Reports.Tests;

public sealed class AxisTicksTests
{
    [Fact]
    public void Marks_cover_the_data_at_equal_round_distances()
    {
        var numbers = Gen.Choose(-1_000_000, 1_000_000).Select(i => i / 1000.0);
        var scales = Gen.Choose(-8, 8).Select(power => Math.Pow(10, power));
        var data = from scale in scales
                   from values in numbers.NonEmptyListOf()
                   select values.Select(v => v * scale).ToArray();
        Prop.ForAll(data.ToArbitrary(), values =>
        {
            var ticks = AxisTicks.Linear(values);
            var marks = ticks.Values;
            var step = marks[1] - marks[0];
            var hair = 1e-6 * step;
            Assert.InRange(marks.Count, 2, 12);
            Assert.True(ticks.Low <= values.Min() + hair && ticks.High >= values.Max() - hair);
            Assert.All(
                marks.Zip(marks.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, step - hair, step + hair));
            var lead = step / Math.Pow(10, Math.Floor(Math.Log10(step) + 1e-6));
            Assert.Contains(new[] { 1.0, 2, 5 }, round => Math.Abs(lead - round) < 1e-4);
            Assert.All(values, v => Assert.InRange(ticks.Share(v), -1e-6, 1 + 1e-6));
            Assert.Equal(marks.Count, marks.Select(ticks.Label).Distinct().Count());
            Assert.All(marks, m => Assert.InRange(
                double.Parse(ticks.Label(m), System.Globalization.CultureInfo.InvariantCulture),
                m - 0.06 * step,
                m + 0.06 * step));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Given_ends_are_kept_and_marks_lie_between_them()
    {
        var ends = from low in Gen.Choose(-1000, 1000) from length in Gen.Choose(1, 1000) select (low, low + length);
        Prop.ForAll(ends.ToArbitrary(), range =>
        {
            var ticks = AxisTicks.Linear([1e6, -1e6], range.Item1, range.Item2);
            Assert.Equal(range.Item1, ticks.Low);
            Assert.Equal(range.Item2, ticks.High);
            Assert.InRange(ticks.Values.Count, 2, 12);
            Assert.All(ticks.Values, m => Assert.InRange(m, range.Item1 - 1e-6, range.Item2 + 1e-6));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(new double[0])]
    [InlineData(new[] { 0.0 })]
    [InlineData(new[] { 7.0, 7.0, 7.0 })]
    [InlineData(new[] { -3.0, double.NaN, double.PositiveInfinity })]
    public void Data_without_a_range_still_gets_an_axis(double[] values)
    {
        var ticks = AxisTicks.Linear(values);
        Assert.True(ticks.High > ticks.Low);
        Assert.All(values.Where(double.IsFinite), v => Assert.InRange(ticks.Share(v), 0, 1));
    }

    [Fact]
    public void Percentages_read_0_to_100_in_steps_of_20()
    {
        var ticks = AxisTicks.Linear([], 0, 100);
        Assert.Equal(["0", "20", "40", "60", "80", "100"], ticks.Values.Select(ticks.Label));
    }

    [Fact]
    public void Powers_of_two_are_equally_far_apart()
    {
        var ticks = AxisTicks.PowersOfTwo([1, 4, 16, 1024]);
        Assert.Equal(
            ["1", "2", "4", "8", "16", "32", "64", "128", "256", "512", "1024"], ticks.Values.Select(ticks.Label));
        Assert.Equal(0.5, ticks.Share(32), 12);
    }
}
