using SoupsActors.Learning.Rewards;

namespace SoupsActors.Learning.Tests.Rewards;

public sealed class RewardReportTests
{
    [Fact]
    public void Calibration_counts_both_orders_of_a_pair()
    {
        // p = σ(ln 3) = 0.75 for four pairs, three of them right: in the bin of 0.75 the labels say 1, 1, 1, 0.
        var gap = Math.Log(3);
        Assert.Equal(0, CalibrationError.Of([gap, gap, gap, -gap]), 12);
        // All four right: 0.75 against 1 in one bin and 0.25 against 0 in the other.
        Assert.Equal(0.25, CalibrationError.Of([gap, gap, gap, gap]), 12);
        Assert.Equal(0.25, CalibrationError.Of([gap, gap, gap, gap], 5), 12);
    }

    [Fact]
    public void A_reward_that_is_sure_and_wrong_is_off_by_one()
    {
        Assert.Equal(1, CalibrationError.Of([-50, -50]), 6);
        Assert.Equal(0, CalibrationError.Of([50, 50]), 6);
        Assert.Equal(0, CalibrationError.Of([0, 0], 20), 12);
    }

    [Fact]
    public void A_report_on_a_hand_made_case()
    {
        var report = RewardReport.Of([2, 0, 1], [0, 2, 1]);
        Assert.Equal(3, report.Pairs);
        Assert.Equal(0.5, report.Accuracy); // right, wrong, and a tie that counts half
        Assert.Equal(0, report.MeanGap, 12);
        Assert.Equal(4.0 / 3, report.MeanAbsoluteGap, 12);
        Assert.Equal((0.126928 + 2.126928 + 0.693147) / 3, report.Loss, 1e-5);
        Assert.Equal(1, report.Scores.Mean, 12);
    }

    [Fact]
    public void A_distribution_has_quantiles_and_a_histogram()
    {
        var distribution = Distribution.Of(Enumerable.Range(0, 101).Select(i => (float)i));
        Assert.Equal([5, 25, 50, 75, 95], distribution.Quantiles);
        Assert.Equal(101, distribution.Histogram.Sum());
        Assert.Equal((0.0, 100.0, 50.0), (distribution.Minimum, distribution.Maximum, distribution.Mean));
        Assert.Equal(Math.Sqrt(850), distribution.StandardDeviation, 1e-9);
        Assert.Equal(3, Distribution.Of([4, 4, 4]).Histogram[0]);
        Assert.Throws<ArgumentException>(() => Distribution.Of([1, float.NaN]));
        Assert.Throws<ArgumentException>(() => Distribution.Of([]));
    }
}
