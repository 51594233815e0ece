using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Learning.Fronts;

namespace SoupsActors.Learning.Tests.Fronts;

public sealed class HypervolumeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void It_equals_the_count_of_unit_cells_below_whole_numbered_points(int rewards) =>
        Prop.ForAll(FrontCases.Points(rewards).ToArbitrary(), points =>
            Math.Abs(Hypervolume.Of(points, new double[rewards]) - Cells(points, rewards)) < 1e-9)
            .QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Order_copies_and_dominated_points_change_nothing(int rewards) =>
        Prop.ForAll(FrontCases.Some(rewards).ToArbitrary(), Gen.Choose(0, 1000).ToArbitrary(), (points, seed) =>
        {
            var reference = Enumerable.Repeat(-0.3, rewards).ToArray();
            var whole = Hypervolume.Of(points, reference);
            var shuffled = points.Concat(points).ToArray();
            new Random(seed).Shuffle(shuffled);
            var front = ParetoFront.Indices(points).Select(i => points[i]);
            return Math.Abs(whole - Hypervolume.Of(shuffled, reference)) < 1e-9
                && Math.Abs(whole - Hypervolume.Of(front, reference)) < 1e-9;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void It_equals_a_Monte_Carlo_estimate_for_points_that_are_no_whole_numbers()
    {
        var random = new Random(5);
        foreach (var rewards in new[] { 2, 3 })
        {
            var points = Enumerable.Range(0, 12).Select(_ => Draw(random, rewards)).ToArray();
            const int Draws = 200_000;
            var below = Enumerable.Range(0, Draws).Count(_ =>
            {
                var x = Draw(random, rewards);
                return points.Any(p => p.Zip(x).All(c => c.First >= c.Second));
            });
            Assert.Equal((double)below / Draws, Hypervolume.Of(points, new double[rewards]), 0.005);
        }

        static double[] Draw(Random random, int size) =>
            [.. Enumerable.Range(0, size).Select(_ => random.NextDouble())];
    }

    [Fact]
    public void Points_not_above_the_reference_add_nothing()
    {
        Assert.Equal(0, Hypervolume.Of([[1, -1], [0, 5]], [0.0, 0]));
        Assert.Equal(0, Hypervolume.Of([], [0.0, 0, 0]));
        Assert.Equal(2, Hypervolume.Of([[1, 2], [9, -1]], [0.0, 0]));
    }

    private static int Cells(double[][] points, int rewards)
    {
        var count = 0;
        for (var cell = 0; cell < (int)Math.Pow(5, rewards); cell++)
        {
            var rest = cell;
            var corner = new double[rewards];
            for (var j = 0; j < rewards; j++, rest /= 5)
                corner[j] = rest % 5 + 1;
            if (points.Any(p => p.Zip(corner).All(c => c.First >= c.Second)))
                count++;
        }

        return count;
    }
}
