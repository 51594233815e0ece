using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Dashboard.Data.Mixes;
using SoupsActors.Preferences;

namespace SoupsActors.Dashboard.Tests.Mixes;

public sealed class MixTests
{
    private static readonly IReadOnlyList<MixDimension> Dimensions = MixDimension.Of(
    [
        Pole("P1A", "expertise", "child"), Pole("P1B", "expertise", "PhD"),
        Pole("P3A", "style", "friendly"), Pole("P3B", "style", "unfriendly"), Pole("P3C", "style", "sassy"),
    ]);

    [Fact]
    public void one_slider_stands_between_two_poles()
    {
        Assert.Equal(0, Position([]));
        Assert.Equal(-0.5, Position(new() { ["P1A"] = 0.5 }));
        Assert.Equal(0.7, Position(new() { ["P1B"] = 0.7, ["P3A"] = 1 }));
    }

    [Fact]
    public void what_one_slider_cannot_say_gets_two()
    {
        Assert.Null(Position(new() { ["P1A"] = 0.5, ["P1B"] = 0.5 }));
        Assert.Null(Position(new() { ["P1A"] = -0.5 }));
        Assert.Null(MixScale.Position(new Dictionary<string, double>(), Dimensions[1]));
    }

    [Fact]
    public void moving_a_slider_is_read_back_and_leaves_the_rest() => Prop.ForAll(
        Gen.Choose(-15, 15).ToArbitrary(),
        tenths =>
        {
            var before = new Dictionary<string, double> { ["P1A"] = 0.3, ["P3C"] = 0.25, ["my-expert"] = -2 };
            var after = MixScale.Move(before, Dimensions[0], tenths / 10.0);
            return Math.Abs(Position(after)!.Value - tenths / 10.0) < 1e-9
                && after["P3C"] == 0.25 && after["my-expert"] == -2 && before["P1A"] == 0.3;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void a_mix_survives_its_link() => Prop.ForAll(
        Gen.Choose(-100_000, 100_000).Where(n => n != 0).ArrayOf().ToArbitrary(),
        weights =>
        {
            var mix = weights.Take(20).Select((w, i) => (w, i)).ToDictionary(p => $"expert-{p.i}", p => p.w / 1000.0);
            var read = MixText.Parse(MixText.Format(mix));
            return read.Count == mix.Count && mix.All(m => read[m.Key] == m.Value);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("P1A")]
    [InlineData("P1A=")]
    [InlineData("P1A=NaN")]
    [InlineData("P1A=1e300")]
    [InlineData("=1")]
    [InlineData("<script>=1")]
    [InlineData("P1A=0")]
    public void what_is_no_weight_is_passed_over(string? text) => Assert.Empty(MixText.Parse(text));

    [Fact]
    public void a_mix_is_told_by_its_poles()
    {
        Assert.Equal("base model", MixText.Describe(new Dictionary<string, double> { ["P1A"] = 0 }, Dimensions));
        Assert.Equal(
            "PhD 0.5 + my-expert −1",
            MixText.Describe(new Dictionary<string, double> { ["my-expert"] = -1, ["P1B"] = 0.5 }, Dimensions));
        var mixed = new Dictionary<string, double> { ["my-expert"] = 1, ["P3A"] = 1 };
        Assert.Equal(["my-expert"], MixScale.Others(mixed, Dimensions));
    }

    private static double? Position(Dictionary<string, double> mix) => MixScale.Position(mix, Dimensions[0]);

    private static Preference Pole(string id, string dimension, string pole) => new(id, dimension, pole, "", "", id);
}
