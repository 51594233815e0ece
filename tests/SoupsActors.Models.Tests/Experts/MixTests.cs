using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Models.Experts;

namespace SoupsActors.Models.Tests.Experts;

public sealed class MixTests
{
    [Fact]
    public void Order_zeros_and_repetition_do_not_change_the_canonical_form()
    {
        var weights =
            from w in Gen.Choose(-40, 40).Select(w => w / 8f).ListOf()
            from seed in Gen.Choose(0, int.MaxValue)
            select (Terms: w.Select((weight, i) => new MixTerm($"{i:x64}", weight)).ToArray(), Seed: seed);
        var modes = Gen.Elements(MergeMode.Product, MergeMode.Factor);
        Prop.ForAll(weights.ToArbitrary(), modes.ToArbitrary(), (sample, mode) =>
        {
            var mix = Mix.Create(mode, sample.Terms);
            var shuffled = sample.Terms.ToArray();
            new Random(sample.Seed).Shuffle(shuffled);
            var again = Mix.Create(mode, shuffled.Append(new MixTerm("f".PadLeft(64, 'f'), 0)));
            Assert.Equal(mix, again);
            Assert.Equal(mix.Key, again.Key);
            Assert.Equal(mix.GetHashCode(), again.GetHashCode());
            Assert.Equal(mix.Terms.ToArray(), again.Terms.ToArray());
            Assert.DoesNotContain(mix.Terms.ToArray(), t => t.Weight == 0);
            Assert.Equal(mix, Mix.Create(mode, mix.Terms.ToArray()));
            Assert.Equal(mix.Terms.IsEmpty, mix.Equals(Mix.Empty));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Another_weight_mode_or_expert_is_another_mix()
    {
        var keys = new[]
        {
            Mix.Empty,
            Mix.Create(MergeMode.Product, [new("a", 1)]),
            Mix.Create(MergeMode.Factor, [new("a", 1)]),
            Mix.Create(MergeMode.Product, [new("a", MathF.BitIncrement(1))]),
            Mix.Create(MergeMode.Product, [new("a", -1)]),
            Mix.Create(MergeMode.Product, [new("b", 1)]),
            Mix.Create(MergeMode.Product, [new("a", 1), new("b", 1)]),
        }.Select(m => m.Key).ToArray();
        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact]
    public void All_zero_is_the_empty_mix() =>
        Assert.Same(Mix.Empty, Mix.Create(MergeMode.Factor, [new("a", 0f), new("b", -0f)]));

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_weight_that_is_not_finite_is_refused(float weight) =>
        Assert.Throws<ArgumentException>(() => Mix.Create(MergeMode.Product, [new("a", weight)]));

    [Fact]
    public void An_expert_named_twice_is_refused() =>
        Assert.Throws<ArgumentException>(() => Mix.Create(MergeMode.Product, [new("a", 1), new("a", 2)]));
}
