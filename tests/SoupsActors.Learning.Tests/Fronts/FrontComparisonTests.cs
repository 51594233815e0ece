using SoupsActors.Learning.Fronts;

namespace SoupsActors.Learning.Tests.Fronts;

public sealed class FrontComparisonTests
{
    /// <summary>A quarter circle between the experts (0, 1) and (1, 0), in rewards of unlike scales.</summary>
    private static readonly LambdaSweep Circle = FrontCases.Sweep(
        20,
        (l, j, p) => (j == 0 ? 100 * Math.Sin(l * Math.PI / 2) : 5 + 0.01 * Math.Cos(l * Math.PI / 2)) + Wave(j, p));

    [Fact]
    public void Without_rivals_the_soups_are_the_union()
    {
        var comparison = FrontComparison.Of(Circle, []);

        Assert.Equal(1, comparison.Share, 12);
        Assert.Equal(11, comparison.SoupFront.Count);
        Assert.Equal(0, comparison.RivalVolume);

        // A step function under a quarter circle with its margins of a tenth.
        Assert.InRange(comparison.SoupVolume, 0.8, Math.PI / 4 + 0.21);
    }

    [Fact]
    public void A_rival_inside_the_front_changes_nothing_and_one_above_it_takes_its_part()
    {
        var comparison = FrontComparison.Of(
            Circle,
            [
                FrontCases.Scores(20, (j, p) => (j == 0 ? 40 : 5.004) + Wave(j, p)),
                FrontCases.Scores(20, (j, p) => (j == 0 ? 100 : 5.01) + Wave(j, p)),
            ]);

        Assert.True(comparison.Rivals[0].IsDominated);
        Assert.False(comparison.Rivals[0].IsAhead);
        Assert.Equal(0.4, comparison.Rivals[0].Scaled[0], 9);
        Assert.False(comparison.Rivals[1].IsDominated);
        Assert.True(comparison.Rivals[1].IsAhead);
        Assert.Equal(1 - Math.Sqrt(0.5), comparison.Rivals[1].Excess, 9);
        Assert.Equal(1.1 * 1.1, comparison.UnionVolume, 9);
        Assert.Equal(comparison.SoupVolume / 1.21, comparison.Share, 9);
    }

    [Fact]
    public void A_rival_is_not_ahead_where_its_lead_is_within_the_noise()
    {
        var random = new Random(3);
        var noisy = FrontCases.Scores(20, (j, p) =>
            (j == 0 ? 72 : 5.0072) + Wave(j, p) + (j == 0 ? 30 : 0.003) * FrontCases.Normal(random));
        var rival = Assert.Single(FrontComparison.Of(Circle, [noisy]).Rivals);

        Assert.True(rival.StandardError > 0.02, $"{rival}");
        Assert.False(rival.IsAhead, $"{rival}");
    }

    [Fact]
    public void The_interval_holds_the_share_and_is_the_same_for_the_same_seed()
    {
        var random = new Random(4);
        var rival = FrontCases.Scores(20, (j, p) =>
            (j == 0 ? 85 : 5.0085) + Wave(j, p) + (j == 0 ? 20 : 0.002) * FrontCases.Normal(random));
        var comparison = FrontComparison.Of(Circle, [rival], seed: 9);

        Assert.InRange(comparison.Share, comparison.ShareInterval.Low, comparison.ShareInterval.High);
        Assert.True(comparison.ShareInterval.Low < comparison.ShareInterval.High);
        Assert.Equal(comparison.ShareInterval, FrontComparison.Of(Circle, [rival], seed: 9).ShareInterval);
    }

    [Fact]
    public void Experts_that_do_not_differ_by_a_reward_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            FrontComparison.Of(FrontCases.Sweep(2, (l, j, _) => j == 0 ? l : 7), []));
        Assert.Contains("reward 1", error.Message, StringComparison.Ordinal);
    }

    private static double Wave(int reward, int prompt) => (reward == 0 ? 10 : 0.001) * Math.Sin(prompt);
}
