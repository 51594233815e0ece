using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Learning.Fronts;

namespace SoupsActors.Learning.Tests.Fronts;

public sealed class LinearModeConnectivityTests
{
    [Fact]
    public void Rewards_that_are_concave_in_the_weights_hold_everywhere_and_convex_ones_nowhere()
    {
        var concave = LinearModeConnectivity.Of(
            FrontCases.Sweep(1, (l, j, _) => j == 0 ? 1 - (1 - l) * (1 - l) : 1 - l * l));
        var convex = LinearModeConnectivity.Of(FrontCases.Sweep(1, (l, j, _) => j == 0 ? l * l : (1 - l) * (1 - l)));

        Assert.Equal((9, 9), (concave.PointsHolding, concave.Points));
        Assert.Equal(1, concave.FractionHolding);
        Assert.Equal(0.09, concave.MinMargin, 12);
        Assert.Equal(0, convex.PointsHolding);
        Assert.Equal(-0.25, convex.MinMargin, 12);
        Assert.Equal(-concave.MeanMargin, convex.MeanMargin, 12);
    }

    [Fact]
    public void One_reward_below_the_chord_is_enough_for_a_point_not_to_hold()
    {
        var report = LinearModeConnectivity.Of(
            FrontCases.Sweep(1, (l, j, _) => j == 1 && l is > 0.45 and < 0.55 ? -1 : 0));

        Assert.Equal(8, report.PointsHolding);
        Assert.Equal(17.0 / 18, report.FractionHolding, 12);
        var broken = Assert.Single(report.Margins, m => !m.Holds);
        Assert.Equal((1, 0.5), (broken.Reward, broken.Weights[0]));
    }

    [Fact]
    public void Rewards_linear_in_the_weights_have_no_margin_whatever_the_prompts() =>
        Prop.ForAll(Gen.Choose(-50, 50).Select(x => x / 7.0).ArrayOf(12).ToArbitrary(), level =>
        {
            var report = LinearModeConnectivity.Of(
                FrontCases.Sweep(6, (l, j, p) => level[p] * l + level[p + 6] * (1 - l) + 3 * j));
            return report.PointsHolding == 9
                && report.Margins.All(m => Math.Abs(m.Margin) < 1e-12 && m.StandardError < 1e-12);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Standard_errors_are_paired_so_the_prompts_own_level_does_not_count()
    {
        // Prompts differ by thousands, margins by a hundredth around −0.1: only paired differences can tell.
        var report = LinearModeConnectivity.Of(FrontCases.Sweep(
            8, (l, _, p) => 1000 * p + (l is 0 or 1 ? 0 : -0.1 + (p % 2 == 0 ? 0.01 : -0.01))));

        Assert.All(report.Margins, m => Assert.Equal(0.01 / Math.Sqrt(7), m.StandardError, 9));
        Assert.Equal(0, report.PointsHolding);
    }

    [Fact]
    public void A_margin_within_two_standard_errors_below_zero_still_holds()
    {
        // Differences ±1 around −shift: the standard error over 16 prompts is 1 / √15.
        LinearModeConnectivity Of(double shift) => LinearModeConnectivity.Of(FrontCases.Sweep(
            16, (l, _, p) => l is 0 or 1 ? 0 : (p % 2 == 0 ? 1 : -1) - shift));

        Assert.Equal(9, Of(1.99 / Math.Sqrt(15)).PointsHolding);
        Assert.Equal(0, Of(2.01 / Math.Sqrt(15)).PointsHolding);
    }

    [Fact]
    public void A_sweep_without_one_of_its_experts_is_refused()
    {
        var scores = PromptScores.OfMeans(1, 2);
        var error = Assert.Throws<ArgumentException>(() => new LambdaSweep(
            [new SweepPoint([0.5, 0.5], scores), new SweepPoint([1, 0], scores)]));
        Assert.Contains("expert 1 alone", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sweep_scores_every_point_of_the_grid_in_order_and_tells_of_it()
    {
        var told = new List<double>();
        var sweep = await LambdaSweep.RunAsync(
            SimplexGrid.Lattice(2, 4),
            (weights, _) => Task.FromResult(PromptScores.OfMeans(weights)),
            new Told(told),
            TestContext.Current.CancellationToken);

        Assert.Equal([0, 0.25, 0.5, 0.75, 1], told);
        Assert.Equal([1, 0], sweep.Endpoints[0].Scores.Means);
        Assert.Equal(3, sweep.Interior.Count());
    }

    private sealed class Told(List<double> shares) : IProgress<SweepPoint>
    {
        public void Report(SweepPoint value) => shares.Add(value.Weights[0]);
    }
}
