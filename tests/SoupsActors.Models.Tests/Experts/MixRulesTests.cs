using SoupsActors.Models.Experts;

namespace SoupsActors.Models.Tests.Experts;

public sealed class MixRulesTests
{
    public static TheoryData<string, string> Mismatches => new()
    {
        { "rank", "rank at model.layers.0.self_attn.q_proj is 3, not 2" },
        { "scale", "scale (alpha over rank) at model.layers.0.self_attn.q_proj is 1, not 2" },
        { "seed", "started from seed 8, not 7" },
        { "unknown seed", "seed of its A's initialisation is not known" },
        { "fewer modules", "does not change model.layers.1.mlp.down_proj" },
    };

    [Theory]
    [MemberData(nameof(Mismatches))]
    public void Factor_is_refused_where_it_would_be_wrong_and_product_is_not(string difference, string expected)
    {
        var other = difference switch
        {
            "rank" => Samples.Expert(2, rank: 3),
            "scale" => Samples.Expert(2, scale: 1),
            "seed" => Samples.Expert(2, initSeed: 8),
            "unknown seed" => Samples.Expert(2, initSeed: null),
            _ => Samples.Expert(2, only: (layer, module) => layer == 0 || module != TargetModule.DownProj),
        };

        // A mix is sorted by hash, and each expert is compared with the first.
        var first = Enumerable.Range(10, 100).Select(seed => Samples.Expert(seed))
            .First(e => string.CompareOrdinal(e.Hash, other.Hash) < 0);
        (Expert, float)[] terms = [(first, 1), (other, 1)];
        var error = Assert.Throws<ExpertMismatchException>(
            () => MixRules.Check(Samples.Mix(MergeMode.Factor, terms), [first, other]));
        Assert.Contains("expert 'expert-2'", error.Message, StringComparison.Ordinal);
        Assert.Contains("product merge", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(2, MixRules.Check(Samples.Mix(MergeMode.Product, terms), [first, other]).Count);
    }

    [Fact]
    public void Experts_of_another_base_are_refused()
    {
        var ours = Samples.Expert(1);
        var theirs = Samples.Expert(2, baseHash: new string('b', 64));
        Assert.Throws<ExpertMismatchException>(
            () => MixRules.Check(Samples.Mix(MergeMode.Product, (ours, 1), (theirs, 1)), [ours, theirs]));
        var error = Assert.Throws<ExpertMismatchException>(
            () => MixRules.Check(Samples.Mix(MergeMode.Product, (theirs, 1)), [theirs], Samples.BaseHash));
        Assert.Contains("expert 'expert-2'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_expert_that_is_not_at_hand_is_named()
    {
        var expert = Samples.Expert(1);
        var error = Assert.Throws<ExpertMismatchException>(
            () => MixRules.Check(Samples.Mix(MergeMode.Product, (expert, 1)), []));
        Assert.Contains(expert.Hash, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_hash_of_an_expert_names_every_number_and_no_name()
    {
        var expert = Samples.Expert(1);
        var factors = expert.Factors.ToArray();
        var hashes = new HashSet<string> { expert.Hash };
        for (var i = 0; i < factors.Length; i++)
        {
            LoraFactors[] changed =
            [
                factors[i] with { Scale = 3 },
                factors[i] with { A = [.. factors[i].A[..^1], 9] },
                factors[i] with { B = [9, .. factors[i].B[1..]] },
            ];
            foreach (var factor in changed)
            {
                Assert.True(hashes.Add(
                    ExpertContent.Create("x", [.. factors.Where((_, j) => j != i), factor], expert.Provenance).Hash));
            }
        }

        Assert.Equal(
            expert.Hash, ExpertContent.Create("x", factors.Reverse(), expert.Provenance with { Method = "ppo" }).Hash);
        Assert.True(hashes.Add(ExpertContent.Create("x", factors, expert.Provenance with { BaseHash = "other" }).Hash));
    }

    [Fact]
    public void Factors_that_cannot_be_are_refused()
    {
        var factor = Samples.Expert(1).Factors[0];
        LoraFactors[] wrong =
        [
            factor with { Rank = 0, A = [], B = [] },
            factor with { Rank = 3 },
            factor with { Scale = float.NaN },
            factor with { A = [.. factor.A[..^1], float.PositiveInfinity] },
            factor with { Layer = -1 },
        ];
        var provenance = new ExpertProvenance(Samples.BaseHash);
        Assert.All(wrong, f => Assert.Throws<ArgumentException>(() => ExpertContent.Create("x", [f], provenance)));
        Assert.Throws<ArgumentException>(() => ExpertContent.Create("x", [factor, factor], provenance));
    }
}
