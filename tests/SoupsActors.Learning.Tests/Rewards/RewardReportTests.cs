using SoupsActors.Learning.Data;
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
    public void Bins_hold_confidence_and_accuracy_and_give_the_calibration_error()
    {
        var gap = Math.Log(3);
        var bins = CalibrationError.Bins([gap, gap, gap, -gap, 3 * gap]);
        Assert.Equal(10, bins.Count);
        Assert.Equal((4, 0.75, 0.75), (bins[7].Count, Math.Round(bins[7].Confidence, 12), bins[7].Accuracy));
        Assert.Equal((4, 0.25, 0.25), (bins[2].Count, Math.Round(bins[2].Confidence, 12), bins[2].Accuracy));
        Assert.Equal((1, Math.Round(27 / 28.0, 12), 1.0), (bins[9].Count, Math.Round(bins[9].Confidence, 12), bins[9].Accuracy));
        Assert.Equal(new CalibrationBin(0, 0, 0), bins[5]);
        Assert.Equal(
            CalibrationError.Of([gap, gap, gap, -gap, 3 * gap]),
            bins.Sum(b => b.Count * Math.Abs(b.Confidence - b.Accuracy)) / bins.Sum(b => b.Count),
            12);
    }

    [Fact]
    public void Pooled_bins_are_those_of_all_pairs_together()
    {
        double[] some = [0.1, 1.4, -0.3], more = [2.5, 0.2, 0.9, -1.7];
        var pooled = CalibrationBin.Pool([CalibrationError.Bins(some), CalibrationError.Bins(more)]);
        var together = CalibrationError.Bins([.. some, .. more]);
        Assert.Equal(together.Select(b => b.Count), pooled.Select(b => b.Count));
        Assert.All(together.Zip(pooled), pair =>
        {
            Assert.Equal(pair.First.Confidence, pair.Second.Confidence, 12);
            Assert.Equal(pair.First.Accuracy, pair.Second.Accuracy, 12);
        });
        Assert.Throws<ArgumentException>(() => CalibrationBin.Pool([CalibrationError.Bins(some), CalibrationError.Bins(more, 5)]));
    }

    [Fact]
    public void Data_sets_are_described_each_by_its_own_scores()
    {
        TokenPair[] pairs = [new([], [0], [1]) { Source = 2 }, new([], [2], [3]), new([], [4], [5]) { Source = 2 }];
        var reports = RewardReport.BySource(pairs, [3, 1, 5], [1, 2, 3]);
        Assert.Equal([0, 2], reports.Keys);
        Assert.Equal((1, 0.0, 1.5), (reports[0].Pairs, reports[0].Accuracy, reports[0].Scores.Mean));
        Assert.Equal((2, 1.0, 3.0), (reports[2].Pairs, reports[2].Accuracy, reports[2].Scores.Mean));
        Assert.Equal((1, 5), (reports[2].Scores.Minimum, reports[2].Scores.Maximum));
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
