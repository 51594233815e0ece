using System.Buffers;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Data.Datasets;

namespace SoupsActors.Learning.Tests.Data;

public sealed class MarginsTests
{
    [Fact]
    public void Every_scale_of_every_source_is_brought_to_0_to_1()
    {
        var unit = Margins.ToUnit(
        [
            Of(20, "pair"), Of(80, "pair"), Of(null, "pair"),
            Of(300, "outcome", "euros"), Of(1e9, "outcome", "euros"),
            Of(2, "outcome", "stars"), Of(4, "outcome", "stars"),
        ]);
        Assert.Equal([0.25, 1, null, 3e-7, 1, 0.5, 1], unit.Select(c => c.Margin));
    }

    [Fact]
    public void Scales_within_1_are_left_as_they_are() =>
        Assert.Equal([0.1, 0.3, 1], Margins.ToUnit([Of(0.1), Of(0.3), Of(1)]).Select(c => c.Margin!.Value));

    [Fact]
    public void One_slip_of_the_pen_does_not_make_all_other_margins_nothing()
    {
        var unit = Margins.ToUnit([.. Enumerable.Repeat(Of(2), 30), Of(1e9)]);
        Assert.All(unit, c => Assert.Equal(1, c.Margin));
    }

    [Fact]
    public void Margins_on_one_scale_stay_as_they_are_when_brought_there_again()
    {
        var once = Margins.ToUnit([.. Enumerable.Range(1, 50).Select(i => Of(i))]);
        Assert.Equal(once, Margins.ToUnit(once));
    }

    [Fact]
    public void A_margin_that_no_JSON_number_holds_is_left_out_of_an_export()
    {
        var output = new ArrayBufferWriter<byte>();
        DatasetWriter.Write(output, Of(double.PositiveInfinity));
        Assert.DoesNotContain("margin", System.Text.Encoding.UTF8.GetString(output.WrittenSpan));
    }

    private static Comparison Of(double? margin, string? source = null, string? scale = null) =>
        new("p", "a", "b") { Margin = margin, Source = source, Scale = scale };
}
