using SoupsActors.Learning.Policy;

namespace SoupsActors.Learning.Tests.Policy;

public sealed class SampleFilterTests
{
    private static readonly double[] Scores = [0.3, 0.9, 0.1, 0.5, 0.7]; // ranks: 1, 4, 3, 0, 2

    [Fact]
    public void None_keeps_all_in_their_order() => Assert.Equal([1, 4, 3, 0, 2], SampleFilters.None.Keep(Scores, 1));

    [Fact]
    public void Best_of_n_keeps_the_best() => Assert.Equal([1], SampleFilters.BestOfN.Keep(Scores, 1));

    [Fact]
    public void Best_worst_keeps_both_ends() => Assert.Equal([1, 2], SampleFilters.BestWorst.Keep(Scores, 1));

    [Fact]
    public void Best_random_spreads_half_the_weight_evenly_over_the_others()
    {
        const int Draws = 8000;
        var counts = new int[Scores.Length];
        for (var seed = 0UL; seed < Draws; seed++)
        {
            var kept = SampleFilters.BestRandom.Keep(Scores, seed);
            Assert.Equal(2, kept.Distinct().Count());
            foreach (var i in kept)
                counts[i]++;
        }

        double[] weights = [.. counts.Select(c => c / (2.0 * Draws))];
        Assert.Equal(1, weights.Sum(), 1e-12);
        Assert.Equal(0.5, weights[1], 1e-12);
        // Five standard deviations of a share of an eighth in 8000 draws of two.
        Assert.All(weights.Where((_, i) => i != 1), w => Assert.InRange(w, 0.125 - 0.0125, 0.125 + 0.0125));
    }

    [Fact]
    public void The_same_seed_keeps_the_same() =>
        Assert.Equal(SampleFilters.BestRandom.Keep(Scores, 7), SampleFilters.BestRandom.Keep(Scores, 7));

    [Theory]
    [InlineData("none")]
    [InlineData("best-of-n")]
    [InlineData("best-random")]
    [InlineData("best-worst")]
    public void A_single_answer_is_always_kept(string id)
    {
        ISampleFilter[] filters =
            [SampleFilters.None, SampleFilters.BestOfN, SampleFilters.BestRandom, SampleFilters.BestWorst];
        Assert.Equal([0], filters.Single(f => f.Id == id).Keep([0.4], 3));
    }
}
