using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Learning.Fronts;

namespace SoupsActors.Learning.Tests.Fronts;

public sealed class ParetoFrontTests
{
    private static readonly double[] Noise = [0.5, 1.5, 0];

    [Fact]
    public void Dominance_is_a_strict_partial_order_with_and_without_noise() =>
        Prop.ForAll(FrontCases.Points(3).Where(p => p.Length >= 3).ToArbitrary(), points =>
        {
            foreach (var noise in new[] { null, Noise })
            {
                foreach (var a in points)
                {
                    foreach (var b in points.Where(b => ParetoFront.Dominates(a, b, noise)))
                    {
                        if (ParetoFront.Dominates(b, a, noise)
                            || points.Any(c =>
                                ParetoFront.Dominates(b, c, noise) && !ParetoFront.Dominates(a, c, noise)))
                        {
                            return false;
                        }
                    }
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_front_is_the_same_set_in_any_order_and_every_other_point_is_dominated_by_it() =>
        Prop.ForAll(FrontCases.Some(3).ToArbitrary(), Gen.Choose(0, 1000).ToArbitrary(), (points, seed) =>
        {
            var front = ParetoFront.Indices(points).Select(i => points[i]).ToArray();
            var shuffled = points.ToArray();
            new Random(seed).Shuffle(shuffled);
            var again = ParetoFront.Indices(shuffled).Select(i => shuffled[i]);
            return front.Length > 0
                && front.ToHashSet().SetEquals(again)
                && points.All(p => front.Contains(p) || front.Any(f => ParetoFront.Dominates(f, p)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Within_the_noise_a_better_point_does_not_dominate()
    {
        Assert.True(ParetoFront.Dominates([1, 2], [1, 1]));
        Assert.False(ParetoFront.Dominates([1, 2], [1, 1], [0, 1]));
        Assert.True(ParetoFront.Dominates([1, 2.1], [1, 1], [0, 1]));
        Assert.False(ParetoFront.Dominates([0.9, 9], [1, 1]));
        Assert.False(ParetoFront.Dominates([1, 1], [1, 1]));
        Assert.False(ParetoFront.Dominates([double.NaN, 2], [1, 1]));
    }

    [Fact]
    public void Excess_is_what_the_front_lacks_at_its_nearest_point()
    {
        double[][] front = [[0, 1], [0.7, 0.7], [1, 0]];

        Assert.Equal((0.25, 1, 0), Rounded(ParetoFront.Excess(front, [0.95, 0.8])));
        Assert.Equal((-0.1, 1, 1), Rounded(ParetoFront.Excess(front, [0.5, 0.6])));

        static (double, int, int) Rounded((double Excess, int Nearest, int Reward) e) =>
            (Math.Round(e.Excess, 9), e.Nearest, e.Reward);
    }
}
