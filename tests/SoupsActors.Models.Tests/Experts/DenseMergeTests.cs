using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Tests.Files;

namespace SoupsActors.Models.Tests.Experts;

public sealed class DenseMergeTests
{
    private static readonly (int, TargetModule)[] Everywhere =
        [.. from layer in Enumerable.Range(0, 2) from module in ModelTensors.Modules select (layer, module)];

    [Fact]
    public void Product_is_the_weighted_sum_of_deltas_at_unequal_ranks_scales_and_signs()
    {
        (Expert Expert, float Weight)[] terms =
        [
            (Samples.Expert(1, rank: 1, scale: 4), 0.5f),
            (Samples.Expert(2, rank: 3, scale: 0.25f, initSeed: null), -1.25f),
            (Samples.Expert(3, rank: 5), 2f),
        ];
        var mix = Samples.Mix(MergeMode.Product, terms);
        foreach (var (layer, module) in Everywhere)
        {
            var (outputs, inputs) = Samples.Config.Shape(module);
            var expected = new double[outputs * inputs];
            foreach (var (expert, weight) in terms)
            {
                var one = Samples.Dense(expert.Factors.Single(f => f.Layer == layer && f.Module == module));
                for (var i = 0; i < expected.Length; i++)
                    expected[i] += weight * one[i];
            }

            Samples.Close(expected, DenseMerge.Delta(mix, terms.Select(t => t.Expert), layer, module)!, 1e-12);
        }
    }

    [Fact]
    public void The_two_merges_differ_by_the_weighted_covariance_of_the_factors()
    {
        (Expert Expert, float Weight)[] terms =
            [(Samples.Expert(1), 0.5f), (Samples.Expert(2), 0.75f), (Samples.Expert(3), -0.25f)];
        var experts = terms.Select(t => t.Expert).ToArray();
        var largest = 0.0;
        foreach (var (layer, module) in Everywhere)
        {
            var product = DenseMerge.Delta(Samples.Mix(MergeMode.Product, terms), experts, layer, module)!;
            var factor = DenseMerge.Delta(Samples.Mix(MergeMode.Factor, terms), experts, layer, module)!;
            var parts = terms.Select(t => (F: At(t.Expert, layer, module), t.Weight)).ToArray();
            var first = parts[0].F;
            var meanA = Mean(parts, f => f.A);
            var meanB = Mean(parts, f => f.B);
            var covariance = new double[product.Length];
            foreach (var (f, weight) in parts)
            {
                for (var o = 0; o < f.Outputs; o++)
                {
                    for (var i = 0; i < f.Inputs; i++)
                    {
                        for (var k = 0; k < f.Rank; k++)
                        {
                            var b = f.B[(o * f.Rank) + k] - meanB[(o * f.Rank) + k];
                            var a = f.A[(k * f.Inputs) + i] - meanA[(k * f.Inputs) + i];
                            covariance[(o * f.Inputs) + i] += weight * first.Scale * b * a;
                        }
                    }
                }
            }

            var difference = product.Zip(factor, (p, q) => p - q).ToArray();
            largest = Math.Max(largest, difference.Max(Math.Abs));
            Samples.Close(covariance, difference, 1e-6);
        }

        Assert.True(largest > 0.1, "The two merges must differ, or the test says nothing.");
    }

    [Fact]
    public void The_two_merges_agree_where_all_experts_share_A()
    {
        var first = Samples.Expert(1);
        var other = Samples.Expert(2);
        other = ExpertContent.Create(
            "same A", other.Factors.Zip(first.Factors, (o, f) => o with { A = f.A }), other.Provenance);
        foreach (var (layer, module) in Everywhere)
        {
            var product = DenseMerge.Delta(
                Samples.Mix(MergeMode.Product, (first, 0.25f), (other, 0.75f)), [first, other], layer, module)!;
            var factor = DenseMerge.Delta(
                Samples.Mix(MergeMode.Factor, (first, 0.25f), (other, 0.75f)), [first, other], layer, module)!;
            Samples.Close(product, factor, 1e-12);
        }
    }

    [Theory]
    [InlineData(MergeMode.Product)]
    [InlineData(MergeMode.Factor)]
    public void Weight_one_is_the_expert_and_order_does_not_matter(MergeMode mode)
    {
        Expert[] experts = [Samples.Expert(1), Samples.Expert(2), Samples.Expert(3)];
        foreach (var (layer, module) in Everywhere)
        {
            Samples.Close(
                Samples.Dense(experts[1].Factors.Single(f => f.Layer == layer && f.Module == module)),
                DenseMerge.Delta(Samples.Mix(mode, (experts[0], 0), (experts[1], 1)), experts, layer, module)!,
                1e-12);
            Assert.Equal(
                DenseMerge.Delta(Samples.Mix(mode, (experts[0], .5f), (experts[2], .5f)), experts, layer, module),
                DenseMerge.Delta(
                    Samples.Mix(mode, (experts[2], .5f), (experts[0], .5f)), experts.Reverse(), layer, module));
        }
    }

    [Fact]
    public void A_merged_model_is_base_plus_delta_and_the_empty_mix_is_the_base()
    {
        using var baseModel = TinyModels.Weights(Samples.Config);
        var expert = Samples.Expert(
            5, baseHash: baseModel.BaseHash, only: (layer, module) => layer == 1 && module == TargetModule.DownProj);
        using var same = DenseMerge.Merge(baseModel, Mix.Empty, [expert]);
        Assert.Equal(baseModel.BaseHash, same.BaseHash);
        using var merged = DenseMerge.Merge(baseModel, Samples.Mix(MergeMode.Product, (expert, -0.5f)), [expert]);
        var changed = ModelTensors.Weight(1, TargetModule.DownProj);
        foreach (var name in baseModel.Tensors.Keys.Where(n => n != changed))
            Assert.Equal(baseModel.Read(name), merged.Read(name));
        var delta = Samples.Dense(expert.Factors[0]);
        var expected = baseModel.Read(changed).Zip(delta, (w, d) => (float)(w - (0.5 * d))).ToArray();
        Assert.Equal(expected, merged.Read(changed));
    }

    private static double[] Mean((LoraFactors F, float Weight)[] parts, Func<LoraFactors, float[]> values) =>
        [.. Enumerable.Range(0, values(parts[0].F).Length)
            .Select(i => parts.Sum(p => (double)p.Weight * values(p.F)[i]))];

    private static LoraFactors At(Expert expert, int layer, TargetModule module) =>
        expert.Factors.Single(f => f.Layer == layer && f.Module == module);
}
