using System.Xml.Linq;

namespace SoupsActors.Reports.Tests;

public sealed class SimplexPlotTests
{
    private static readonly IReadOnlyList<double[]> Lattice =
    [
        .. from left in Enumerable.Range(0, 5)
           from right in Enumerable.Range(0, 5 - left)
           select new[] { left / 4.0, right / 4.0, (4 - left - right) / 4.0 },
    ];

    [Fact]
    public void Each_point_is_one_cell_of_each_panel_with_its_weights_and_value()
    {
        var svg = XDocument.Parse(new SimplexPlot(
            "Rewards", ["a", "b", "c"], Lattice, [Panel("first", 0), Panel("second", 1)]).ToSvg());

        var tips = svg.Descendants().Where(e => e.Name.LocalName == "polygon")
            .Select(e => e.Value).Where(v => v.Length > 0).ToArray();
        Assert.Equal(2 * 15, tips.Length);
        Assert.Contains("a 0.25, b 0.5, c 0.25: 0.25", tips);
        Assert.Contains("a 0.25, b 0.5, c 0.25: 0.5", tips);
    }

    [Fact]
    public void The_best_corner_is_lightest_and_lies_where_its_name_is()
    {
        var svg = XDocument.Parse(new SimplexPlot("Top", ["a", "b", "c"], Lattice, [Panel("c", 2)]).ToSvg());

        var cells = svg.Descendants().Where(e => e.Name.LocalName == "polygon" && e.Value.Length > 0).ToArray();
        var top = cells.MinBy(c => c.Attribute("points")!.Value.Split(' ').Min(p => double.Parse(p.Split(',')[1])))!;
        Assert.Equal("a 0, b 0, c 1: 1", top.Value);
        Assert.Equal("#fee838", top.Attribute("fill")!.Value);
        Assert.Equal(5, cells.Count(c => c.Attribute("fill")!.Value == "#00224e"));
    }

    [Fact]
    public void Values_that_are_all_alike_or_missing_still_make_a_picture()
    {
        var missing = new SimplexPanel("none", [.. Lattice.Select(_ => double.NaN)]);
        var alike = new SimplexPanel("alike", [.. Lattice.Select(_ => 3.0)]);
        Assert.NotNull(XDocument.Parse(new SimplexPlot("x", ["a", "b", "c"], Lattice, [missing, alike]).ToSvg()));
    }

    [Fact]
    public void A_panel_without_a_value_for_each_point_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => new SimplexPlot(
            "x", ["a", "b", "c"], Lattice, [new SimplexPanel("short", [1])]).ToSvg());
        Assert.Contains("'short' has 1 values for 15 points", error.Message, StringComparison.Ordinal);
    }

    private static SimplexPanel Panel(string name, int part) => new(name, [.. Lattice.Select(w => w[part])]);
}
