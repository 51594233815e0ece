using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Cli.Commands;

namespace SoupsActors.Cli.Tests;

public sealed class MixTextTests
{
    [Fact]
    public void Weights_may_be_joined_or_apart_and_the_last_one_wins()
    {
        var mix = MixText.Parse(["P1A=1, P2B=0.5", "P1A=-2"]);
        Assert.Equal(-2, mix["P1A"]);
        Assert.Equal(0.5, mix["P2B"]);
    }

    [Theory]
    [InlineData("P1A")]
    [InlineData("=1")]
    [InlineData("P1A=one")]
    [InlineData("P1A=NaN")]
    [InlineData("P1A=∞")]
    public void What_is_not_a_name_and_a_number_is_refused(string part) =>
        Assert.Throws<ArgumentException>(() => MixText.Parse([part]));

    [Fact]
    public void Any_finite_weight_is_read_back() => Prop.ForAll(
        ArbMap.Default.ArbFor<NormalFloat>(),
        weight => MixText.ParseOne("x=" + weight.Get.ToString("R", CultureInfo.InvariantCulture)) == ("x", weight.Get))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void A_mix_is_shown_sorted_and_an_empty_one_by_name()
    {
        Assert.Equal("A=1, B=0.333", MixText.Format(new Dictionary<string, double> { ["B"] = 1.0 / 3, ["A"] = 1 }));
        Assert.Contains("base", MixText.Format(new Dictionary<string, double>()), StringComparison.Ordinal);
    }
}
