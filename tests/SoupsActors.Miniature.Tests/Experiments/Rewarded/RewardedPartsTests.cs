using SoupsActors.Learning.Fronts;
using SoupsActors.Miniature.Experiments.Rewarded;
using SoupsActors.Models.Experts;

namespace SoupsActors.Miniature.Tests.Experiments.Rewarded;

public sealed class RewardedPartsTests
{
    [Fact]
    public void The_factor_average_is_the_expert_at_a_vertex_and_averages_A_and_B_apart_between()
    {
        var (one, other) = (Expert(1), Expert(2));

        Assert.Equal(one.Hash, FactorAverage.Of([one, other], [1, 0]).Hash);
        Assert.Equal(other.Hash, FactorAverage.Of([one, other], [0, 1]).Hash);
        var mixed = Assert.Single(FactorAverage.Of([one, other], [0.25, 0.75]).Factors);
        Assert.Equal([0.25f * 1 + 0.75f * 2, 0.25f * 2 + 0.75f * 4], mixed.A);
        Assert.Equal([0.25f * 10 + 0.75f * 20], mixed.B);

        static Expert Expert(int value) => ExpertContent.Create(
            "expert",
            [new LoraFactors(0, TargetModule.QProj, 1, 2, 1, 2, [value, 2 * value], [10 * value])],
            new ExpertProvenance("base", InitSeed: value));
    }

    [Fact]
    public async Task Users_whose_samples_tell_the_truth_regret_nothing_and_equal_shares_cost_something()
    {
        // Rewards that fall off quadratically from each expert: the best λ is the user's μ.
        var points = SimplexGrid.Lattice(2).Select(w => new SweepPoint(w, new PromptScores(
            [.. Enumerable.Range(0, 2).Select(j => Enumerable.Range(0, 8)
                .Select(prompt => prompt - (1 - w[j]) * (1 - w[j])).ToArray())]))).ToArray();
        var sweep = new LambdaSweep(points);
        var study = new SelectionStudy(
            sweep, sweep, [.. points.Select(p => p.Scores)], samples: 32, userNoise: 0);

        var results = await study.RunAsync(50, seed: 1, TestContext.Current.CancellationToken);

        Assert.All(results.Take(2), fitted =>
        {
            Assert.Equal(32, fitted.MeanSamples);
            Assert.Equal(0, fitted.MeanRegret, 9);
            Assert.Equal(1, fitted.WithinNoise);
        });
        Assert.Equal(0, results[3].MeanRegret);
        Assert.Equal(0, results[4].MeanRegret, 2);
        Assert.True(results[5].MeanRegret > 0.05, $"{results[5]}");
        Assert.True(results[5].WithinNoise < 0.3, $"{results[5]}");
    }
}
