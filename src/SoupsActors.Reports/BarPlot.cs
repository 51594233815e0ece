using System.Globalization;

namespace SoupsActors.Reports;

/// <summary>Bars in groups: one group for each category, in it one bar for each series.</summary>
/// <param name="title">Title.</param>
/// <param name="categories">Names of the groups, from left to right.</param>
/// <param name="y">Axis of heights; bars stand on 0.</param>
/// <param name="series">What is drawn, with as many bars as there are categories.</param>
public sealed class BarPlot(
    string title, IReadOnlyList<string> categories, PlotAxis y, IReadOnlyList<BarSeries> series)
{
    /// <summary>A dashed level across the picture, such as 50 %, or null.</summary>
    public double? Guide { get; init; }

    /// <summary>The picture as an SVG document.</summary>
    /// <exception cref="ArgumentException">A series has not as many bars as there are categories.</exception>
    public string ToSvg()
    {
        if (series.FirstOrDefault(s => s.Bars.Count != categories.Count) is { } wrong)
            throw new ArgumentException(
                $"'{wrong.Name}' has {wrong.Bars.Count} bars for {categories.Count} categories.");
        var heights = PlotFrame.Heights(series.SelectMany(s => s.Bars)).Append(0);
        var group = (PlotFrame.Right - PlotFrame.LeftEdge) / Math.Max(1, categories.Count);
        var longest = categories.Select(SvgCanvas.Width).DefaultIfEmpty(0).Max();
        var turned = longest > group - 6;
        var room = turned ? 24 + 0.6 * longest : 40;
        using var frame = new PlotFrame(
            title,
            y,
            y.Ticks(heights),
            [.. series.Select(s => s.Name)],
            (canvas, s, x, height) => canvas.Rectangle(x - 5, height - 5, 10, 10, SvgCanvas.Fill(s)),
            Math.Max(56, room));
        for (var c = 0; c < categories.Count; c++)
        {
            var left = PlotFrame.LeftEdge + c * group;
            DrawGroup(frame, c, left + 0.1 * group, 0.8 * group);
            if (turned)
                frame.Canvas.Text(left + 0.5 * group + 4, frame.Bottom + 16, categories[c], "end", "small", turn: -35);
            else
                frame.Canvas.Text(left + 0.5 * group, frame.Bottom + 18, categories[c], "middle", "small");
        }

        // Above the bars, which would hide it.
        frame.Guide(Guide);
        return frame.Canvas.Finish();
    }

    private void DrawGroup(PlotFrame frame, int category, double left, double width)
    {
        var bar = width / series.Count;
        for (var s = 0; s < series.Count; s++)
        {
            var point = series[s].Bars[category];
            if (!double.IsFinite(point.Y))
                continue;
            var (from, to) = (frame.Y(0), frame.Y(point.Y));
            var tip = string.Create(
                CultureInfo.InvariantCulture, $"{series[s].Name}, {categories[category]}: {point.Y:G5}");
            frame.Canvas.Rectangle(
                left + s * bar, Math.Min(from, to), 0.92 * bar, Math.Abs(to - from), SvgCanvas.Fill(s), tip);
            frame.Interval(s, left + (s + 0.46) * bar, point, "axis");
        }
    }
}
