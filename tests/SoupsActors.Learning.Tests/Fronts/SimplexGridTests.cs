using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Learning.Fronts;

namespace SoupsActors.Learning.Tests.Fronts;

public sealed class SimplexGridTests
{
    [Fact]
    public void Two_experts_get_the_eleven_published_weights_with_the_first_share_rising()
    {
        var grid = SimplexGrid.Lattice(2);

        Assert.Equal(Enumerable.Range(0, 11).Select(i => i / 10.0), grid.Select(w => w[0]));
        Assert.All(grid, w => Assert.Equal(1, w[0] + w[1], 12));
    }

    [Fact]
    public void A_lattice_holds_every_vertex_and_as_many_distinct_points_as_the_binomial_says() =>
        Prop.ForAll(
            Gen.Choose(1, 4).SelectMany(n => Gen.Choose(1, 8).Select(d => (n, d))).ToArbitrary(),
            size =>
            {
                var grid = SimplexGrid.Lattice(size.n, size.d);
                var distinct = grid.Select(w => string.Join(' ', w)).Distinct().Count();
                return grid.Count == SimplexGrid.Count(size.n, size.d)
                    && distinct == grid.Count
                    && grid.All(w => w.All(x => x >= 0) && Math.Abs(w.Sum() - 1) < 1e-12)
                    && Enumerable.Range(0, size.n).All(i => grid.Count(w => SimplexGrid.VertexOf(w) == i) == 1);
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Ten_divisions_among_three_are_sixty_six_points() => Assert.Equal(66, SimplexGrid.Lattice(3, 10).Count);
}
