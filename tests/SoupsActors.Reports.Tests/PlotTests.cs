using System.Globalization;
using System.Xml.Linq;

namespace SoupsActors.Reports.Tests;

public sealed class PlotTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Markers_stand_where_their_numbers_say()
    {
        var plot = new LinePlot("Front", new PlotAxis("x", 0, 10), new PlotAxis("y", 0, 1),
        [
            new PlotSeries(
                "front", [new(0, 0), new(5, 0.5), new(10, 1), new(double.NaN, 1), new(3, double.PositiveInfinity)]),
        ]);
        var circles = Read(plot.ToSvg()).Descendants(Svg + "circle").Select(
            c => (X: Number(c, "cx"), Y: Number(c, "cy")))
            .ToArray();
        Assert.Equal(3, circles.Length);
        Assert.Equal((circles[0].X + circles[2].X) / 2, circles[1].X, 2);
        Assert.Equal((circles[0].Y + circles[2].Y) / 2, circles[1].Y, 2);
        Assert.True(circles[2].X > circles[0].X && circles[2].Y < circles[0].Y, "Heights grow upwards.");
    }

    [Fact]
    public void An_interval_spans_its_ends()
    {
        var plot = new LinePlot("t", new PlotAxis("x", 0, 1), new PlotAxis("y", 0, 100),
            [new PlotSeries("a", [new(0.5, 50, 25, 75)]) { Line = false }]);
        var document = Read(plot.ToSvg());
        var marker = document.Descendants(Svg + "circle").Single();
        var upright = document.Descendants(Svg + "line").Single(l =>
            (string?)l.Attribute("class") == "l0" && l.Attribute("x1")!.Value == l.Attribute("x2")!.Value);
        Assert.Equal(Number(marker, "cy"), (Number(upright, "y1") + Number(upright, "y2")) / 2, 2);
        Assert.True(Number(upright, "y1") - Number(upright, "y2") > 100);
        Assert.Empty(document.Descendants(Svg + "polyline"));
    }

    [Fact]
    public void Bars_stand_on_zero_and_reach_their_heights()
    {
        var plot = new BarPlot("t", ["one", "two"], new PlotAxis("y", -1, 1),
            [new BarSeries("a", [new(0, 1), new(0, -0.5)]), new BarSeries("b", [new(0, 0.5), new(0, double.NaN)])]);
        var bars = Read(plot.ToSvg()).Descendants(Svg + "rect").Where(r => r.Element(Svg + "title") is not null)
            .ToArray();
        Assert.Equal(3, bars.Length);
        var (whole, half, down) = (bars[0], bars[1], bars[2]);
        Assert.Equal(Number(whole, "height") / 2, Number(half, "height"), 1);
        Assert.Equal(Number(whole, "y") + Number(whole, "height"), Number(half, "y") + Number(half, "height"), 1);
        Assert.Equal(Number(whole, "y") + Number(whole, "height"), Number(down, "y"), 1);
    }

    [Fact]
    public void A_bar_chart_with_too_few_bars_is_refused() => Assert.Throws<ArgumentException>(() =>
        new BarPlot("t", ["one", "two"], new PlotAxis("y"), [new BarSeries("a", [new(0, 1)])]).ToSvg());

    [Theory]
    [InlineData("<script>alert(1)</script> & \"quotes\" 'too'")]
    [InlineData("control \u0001 and half a pair \ud800 and a whole one \U0001F372")]
    public void Any_text_gives_a_well_formed_picture(string text)
    {
        var line = new LinePlot(text, new PlotAxis(text), new PlotAxis(text),
            [new PlotSeries(text, [new(1, 2, Label: text)]), new PlotSeries("b", [])]);
        var bars = new BarPlot(text, [text], new PlotAxis(text), [new BarSeries(text, [new(0, 2)])]);
        foreach (var svg in new[] { line.ToSvg(), bars.ToSvg() })
        {
            var document = Read(svg);
            Assert.Empty(document.Descendants(Svg + "script"));
            var texts = document.Descendants(Svg + "text").Select(t => t.Value);
            Assert.Contains(text.Replace('\u0001', '\uFFFD').Replace('\ud800', '\uFFFD'), texts);
        }
    }

    [Fact]
    public void A_logarithmic_axis_leaves_out_what_has_no_place_on_it()
    {
        var plot = new LinePlot("best of n", new PlotAxis("n") { Logarithmic = true }, new PlotAxis("score"),
            [new PlotSeries("a", [new(0, 1), new(1, 1), new(32, 2), new(1024, 3)])]);
        var xs = Read(plot.ToSvg()).Descendants(Svg + "circle").Select(c => Number(c, "cx")).ToArray();
        Assert.Equal(3, xs.Length);
        Assert.Equal((xs[0] + xs[2]) / 2, xs[1], 2);
    }

    private static XDocument Read(string svg) => XDocument.Parse(svg);

    private static double Number(XElement element, string attribute) =>
        double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
