using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Inference;
using SoupsActors.Models.Tests.Transformer;
using SoupsActors.Tensors;

namespace SoupsActors.Models.Tests.Inference;

public sealed class ExpertMixTests : IDisposable
{
    private static readonly int[] tokens = TestModels.Tokens(13, seed: 21);

    private readonly Backend backend = TestBackend.Create();
    private readonly ModelWeights weights = TestModels.Weights(TestModels.Config);
    private readonly LlamaStepModel model;

    public ExpertMixTests() => model = new LlamaStepModel(backend, weights, SequenceRun.Options);

    public void Dispose()
    {
        model.Dispose();
        weights.Dispose();
        backend.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_single_weight_of_one_is_that_expert(int which)
    {
        Expert[] experts = [Expert(1), Expert(2, rank: 1), Expert(3, rank: 7)];

        AssertEqualsDenseMerge(experts, TestModels.Product((experts[which], 1)));
    }

    [Fact]
    public void Product_mix_of_unequal_ranks_and_scales_equals_the_dense_merge()
    {
        Expert[] experts = [Expert(1, rank: 3, scale: 2), Expert(2, rank: 8, scale: 0.25f), Expert(3, rank: 1)];

        AssertEqualsDenseMerge(experts, TestModels.Product((experts[0], 0.7f), (experts[1], -1.3f), (experts[2], 2)));
    }

    [Fact]
    public void Product_mix_of_experts_with_different_targets_equals_the_dense_merge()
    {
        Expert[] experts =
        [
            Expert(1, targets: [TargetModule.QProj, TargetModule.VProj]),
            Expert(2, targets: [TargetModule.VProj, TargetModule.DownProj]),
            Expert(3, targets: [TargetModule.UpProj]),
        ];

        AssertEqualsDenseMerge(experts, TestModels.Product((experts[0], 1), (experts[1], 0.5f), (experts[2], -1)));
    }

    [Fact]
    public void Factor_mix_equals_the_dense_merge_of_its_factors()
    {
        Expert[] experts = [Expert(1, initSeed: 5), Expert(2, initSeed: 5), Expert(3, initSeed: 5)];

        AssertEqualsDenseMerge(experts, TestModels.Factor((experts[0], 0.5f), (experts[2], 0.8f)));
        AssertEqualsDenseMerge(experts, TestModels.Factor((experts[0], -0.5f), (experts[1], 0.25f), (experts[2], 1)));
    }

    [Fact]
    public void Factor_mix_of_one_expert_squares_its_weight()
    {
        var expert = Expert(1, initSeed: 5);
        model.SetExperts([expert]);

        var factor = SequenceRun.Logits(model, tokens, TestModels.Factor((expert, 2)));

        SequenceRun.AssertClose(Doubles(SequenceRun.Logits(model, tokens, TestModels.Product((expert, 4)))), factor);
    }

    [Fact]
    public void The_two_merges_of_two_experts_differ()
    {
        Expert[] experts = [Expert(1, initSeed: 5), Expert(2, initSeed: 5)];
        model.SetExperts(experts);

        var product = SequenceRun.Logits(model, tokens, TestModels.Product((experts[0], 0.5f), (experts[1], 0.5f)));
        var factor = SequenceRun.Logits(model, tokens, TestModels.Factor((experts[0], 0.5f), (experts[1], 0.5f)));

        Assert.NotEqual(product[^1], factor[^1]);
    }

    [Fact]
    public void The_empty_mix_is_the_base_to_the_bit()
    {
        var alone = SequenceRun.Logits(model, tokens);
        model.SetExperts([Expert(1), Expert(2)]);

        SequenceRun.AssertSameBits(alone, SequenceRun.Logits(model, tokens, Mix.Empty));
    }

    [Fact]
    public void Bits_depend_neither_on_the_order_of_experts_nor_on_who_else_is_resident()
    {
        Expert[] all = [.. Enumerable.Range(1, 6).Select(i => Expert(i, rank: i))];
        var mix = TestModels.Product((all[1], 0.3f), (all[4], -0.9f));
        model.SetExperts([all[1], all[4]]);
        var alone = SequenceRun.Logits(model, tokens, mix);

        Expert[][] companies = [[all[4], all[1]], all, [.. all.Reverse()], [all[5], all[4], all[1]]];
        foreach (var residents in companies)
        {
            model.SetExperts(residents);
            SequenceRun.AssertSameBits(alone, SequenceRun.Logits(model, tokens, mix));
        }
    }

    [Fact]
    public void Experts_come_and_go_and_the_rest_stays_right()
    {
        Expert[] all =
        [
            Expert(1),
            Expert(2, targets: [TargetModule.OProj]),
            Expert(3, targets: [TargetModule.QProj, TargetModule.DownProj]),
        ];
        foreach (var residents in new Expert[][] { [all[0]], all, [all[1], all[2]], [], [all[2]], [all[0], all[1]] })
        {
            var mix = TestModels.Product([.. residents.Select(e => (e, 0.6f))]);
            AssertEqualsDenseMerge(residents, mix);
        }
    }

    [Fact]
    public void A_neighbour_whose_expert_overflows_does_no_harm()
    {
        var good = Expert(1);
        var mix = TestModels.Product((good, 1));
        model.SetExperts([good]);
        var alone = SequenceRun.Logits(model, tokens, mix);
        var monster = Expert(2, size: 1e38);
        model.SetExperts([good, monster]);

        SequenceRun.AssertSameBits(alone, SequenceRun.Logits(model, tokens, mix));
    }

    [Fact]
    public void A_mix_of_an_expert_that_is_not_resident_is_refused()
    {
        model.SetExperts([Expert(1)]);

        var error = Assert.Throws<ExpertMismatchException>(
            () => SequenceRun.Logits(model, tokens, TestModels.Product((Expert(2), 1))));

        Assert.Contains(Expert(2).Hash, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_factor_mix_is_refused_where_it_would_be_wrong()
    {
        var first = Expert(1, initSeed: 5);
        (Expert Other, string Reason)[] cases =
        [
            (Expert(2, initSeed: 6), "seed"),
            (Expert(2), "seed"),
            (Expert(2, initSeed: 5, rank: 2), "rank"),
            (Expert(2, initSeed: 5, scale: 1), "scale"),
            (Expert(2, initSeed: 5, targets: [TargetModule.QProj]), "it changes"),
        ];
        foreach (var (other, reason) in cases)
        {
            model.SetExperts([first, other]);
            var error = Assert.Throws<ExpertMismatchException>(
                () => SequenceRun.Logits(model, tokens, TestModels.Factor((first, 0.5f), (other, 0.5f))));
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Experts_that_do_not_fit_are_refused_and_the_stack_stays_as_it_was()
    {
        var good = Expert(1);
        var mix = TestModels.Product((good, 1));
        model.SetExperts([good]);
        var before = SequenceRun.Logits(model, tokens, mix);
        using var otherBase = TestModels.Weights(TestModels.Config, seed: 99);
        using var wider = TestModels.Weights(TestModels.Config with { HiddenSize = 24 });
        using var deeper = TestModels.Weights(TestModels.Config with { LayerCount = 3 });
        Expert[] misfits =
        [
            TestModels.Expert(otherBase, 7),
            TestModels.Expert(wider, 8) with { Provenance = good.Provenance },
            TestModels.Expert(deeper, 9) with { Provenance = good.Provenance },
            good with { Hash = new string('0', 64), Factors = [good.Factors[0], good.Factors[0]] },
            good with { Hash = new string('1', 64), Factors = [good.Factors[0] with { A = [1, 2, 3] }] },
        ];

        foreach (var misfit in misfits)
        {
            Assert.Throws<ExpertMismatchException>(() => model.SetExperts([good, misfit]));
            SequenceRun.AssertSameBits(before, SequenceRun.Logits(model, tokens, mix));
        }
    }

    private static double[][] Doubles(float[][] logits) =>
        [.. logits.Select(row => Array.ConvertAll(row, v => (double)v))];

    private Expert Expert(
        int seed,
        int rank = 4,
        float scale = 0.5f,
        TargetModule[]? targets = null,
        long? initSeed = null,
        double size = 0.4) =>
        TestModels.Expert(weights, seed, rank, scale, targets, initSeed, size);

    private void AssertEqualsDenseMerge(Expert[] experts, Mix mix)
    {
        model.SetExperts(experts);
        var expected = new PlainTransformer(weights, experts, mix).Logits(tokens);
        SequenceRun.AssertClose(expected, SequenceRun.Logits(model, tokens, mix));
        SequenceRun.AssertClose(expected, SequenceRun.Logits(model, tokens, mix, chunk: 1));
    }
}
