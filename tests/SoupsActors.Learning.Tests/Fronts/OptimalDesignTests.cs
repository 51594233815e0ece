using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Learning.Fronts;

namespace SoupsActors.Learning.Tests.Fronts;

public sealed class OptimalDesignTests
{
    [Fact]
    public void A_line_is_told_best_by_its_ends()
    {
        double[][] candidates = [.. Enumerable.Range(0, 11).Select(i => (double[])[1, i])];
        Assert.Equal([0, 1, 9, 10], OptimalDesign.Choose(candidates, 4).Order());
    }

    [Fact]
    public void What_is_chosen_tells_more_than_as_many_at_random_in_any_units() =>
        Prop.ForAll(Gen.Choose(0, 1000).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var unit = Math.Pow(10, random.Next(-4, 5));
            double[][] candidates = [.. Enumerable.Range(0, 60).Select(_ =>
                (double[])[1, unit * FrontCases.Normal(random), FrontCases.Normal(random)])];
            var chosen = OptimalDesign.Choose(candidates, 12);
            Assert.Equal(12, chosen.Distinct().Count());
            var others = Enumerable.Range(0, 60).ToArray();
            random.Shuffle(others);
            Assert.True(Information(chosen) > Information(others[..12]));

            double Information(IEnumerable<int> rows) => Determinant([.. rows.Select(i => candidates[i])]);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_more_are_chosen_than_there_are()
    {
        Assert.Equal([0, 1], OptimalDesign.Choose([[1, 0], [1, 1]], 5).Order());
        Assert.Empty(OptimalDesign.Choose([], 5));
    }

    /// <summary>Of XᵀX with three columns, by Sarrus.</summary>
    private static double Determinant(double[][] x)
    {
        double M(int i, int j) => x.Sum(row => row[i] * row[j]);
        return M(0, 0) * (M(1, 1) * M(2, 2) - M(1, 2) * M(2, 1))
            - M(0, 1) * (M(1, 0) * M(2, 2) - M(1, 2) * M(2, 0))
            + M(0, 2) * (M(1, 0) * M(2, 1) - M(1, 1) * M(2, 0));
    }
}
