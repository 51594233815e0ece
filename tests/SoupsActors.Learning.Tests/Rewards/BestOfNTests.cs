using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Learning.Rewards;

namespace SoupsActors.Learning.Tests.Rewards;

public sealed class BestOfNTests
{
    [Fact]
    public void The_estimate_is_the_mean_over_all_subsets() => Prop.ForAll(
        Gen.Choose(-9, 9).Two().NonEmptyListOf().Resize(9).ToArbitrary(),
        Gen.Choose(1, 9).ToArbitrary(),
        (drawn, wanted) =>
        {
            // Distinct proxies: of equal ones any order would do.
            double[] proxy = [.. drawn.Select((d, i) => d.Item1 + 0.01 * i)];
            double[] gold = [.. drawn.Select(d => (double)d.Item2)];
            var n = Math.Min(wanted, proxy.Length);
            var subsets = Enumerable.Range(0, 1 << proxy.Length)
                .Select(mask => Enumerable.Range(0, proxy.Length).Where(i => (mask >> i & 1) == 1).ToArray())
                .Where(s => s.Length == n);
            Assert.Equal(subsets.Average(s => gold[s.MaxBy(i => proxy[i])]), BestOfN.Expected(proxy, gold, n), 1e-9);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void One_sample_is_the_mean_and_all_samples_are_the_best()
    {
        double[] proxy = [.. Enumerable.Range(0, 1024).Select(i => (double)(i * 37 % 1024))];
        double[] gold = [.. proxy.Select(p => Math.Sin(p))];
        Assert.Equal(gold.Average(), BestOfN.Expected(proxy, gold, 1), 1e-9);
        Assert.Equal(Math.Sin(1023), BestOfN.Expected(proxy, gold, 1024), 1e-9);
    }

    [Fact]
    public void The_divergence_of_the_best_of_n()
    {
        Assert.Equal(0, BestOfN.Kl(1));
        Assert.Equal(Math.Log(4) - 0.75, BestOfN.Kl(4), 12);
    }

    [Fact]
    public void More_than_there_are_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => BestOfN.Expected([1, 2], [1, 2], 3));
        Assert.Throws<ArgumentException>(() => BestOfN.Expected([1, 2], [1], 1));
    }
}
