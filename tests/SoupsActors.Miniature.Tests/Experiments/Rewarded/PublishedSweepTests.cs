using SoupsActors.Learning.Fronts;
using SoupsActors.Miniature.Experiments.Rewarded;

namespace SoupsActors.Miniature.Tests.Experiments.Rewarded;

public sealed class PublishedSweepTests
{
    [Fact]
    public void The_published_rows_lie_above_the_chord_by_what_was_computed_from_them()
    {
        var report = LinearModeConnectivity.Of(PublishedSweep.NewsSummary());
        double[] Margins(int reward) => [.. report.Margins.Where(m => m.Reward == reward).Select(m => m.Margin)];

        Assert.Equal((9, 9), (report.PointsHolding, report.Points));
        Assert.Equal(0.027, Margins(0).Min(), 0.0005);
        Assert.Equal(0.091, Margins(0).Max(), 0.0005);
        Assert.Equal(0.001, Margins(1).Min(), 0.0005);
        Assert.Equal(0.159, Margins(1).Max(), 0.0005);
    }

    [Fact]
    public void A_weight_is_the_share_of_the_expert_that_is_best_by_that_reward()
    {
        var sweep = PublishedSweep.NewsSummary();

        Assert.Equal([1.78, -1.53], sweep.Endpoints[0].Scores.Means.Select(m => Math.Round(m, 2)));
        Assert.Equal([0.98, -0.79], sweep.Endpoints[1].Scores.Means.Select(m => Math.Round(m, 2)));
    }

    [Fact]
    public void One_published_number_moved_below_the_chord_is_found()
    {
        var sweep = PublishedSweep.NewsSummary();
        var spoilt = new LambdaSweep(sweep.Points.Select((p, i) =>
            i == 4 ? p with { Scores = PromptScores.OfMeans(1.2, p.Scores.Means[1]) } : p));

        var report = LinearModeConnectivity.Of(spoilt);
        Assert.Equal(8, report.PointsHolding);
        Assert.True(report.MinMargin < -0.1);
    }
}
