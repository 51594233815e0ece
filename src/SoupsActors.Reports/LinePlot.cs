using System.Globalization;

namespace SoupsActors.Reports;

/// <summary>Lines, or points without lines, over two axes: curves of a training, fronts, sweeps.</summary>
/// <param name="title">Title.</param>
/// <param name="x">Axis of positions.</param>
/// <param name="y">Axis of heights.</param>
/// <param name="series">What is drawn; later series lie on top.</param>
public sealed class LinePlot(string title, PlotAxis x, PlotAxis y, IReadOnlyList<PlotSeries> series)
{
    /// <summary>A dashed level across the picture, such as 50 %, or null.</summary>
    public double? Guide { get; init; }

    /// <summary>The picture as an SVG document.</summary>
    public string ToSvg()
    {
        var drawn = series.Select(s => s with { Points = [.. s.Points.Where(CanBeDrawn)] }).ToArray();
        var all = drawn.SelectMany(s => s.Points).ToArray();
        var xTicks = x.Ticks(all.Select(p => p.X));
        using var frame = new PlotFrame(
            title,
            y,
            y.Ticks(PlotFrame.Heights(all)),
            [.. drawn.Select(s => s.Name)],
            (canvas, s, left, height) => DrawKey(canvas, drawn[s], s, left, height));
        frame.DrawX(x, xTicks);
        frame.Guide(Guide);
        for (var i = 0; i < drawn.Length; i++)
            Draw(frame, xTicks, drawn[i], i);
        return frame.Canvas.Finish();
    }

    private static void Draw(PlotFrame frame, AxisTicks xTicks, PlotSeries series, int index)
    {
        var at = series.Points.Select(p => (X: PlotFrame.X(xTicks, p.X), Y: frame.Y(p.Y))).ToArray();
        if (series.Line && at.Length > 1)
            frame.Canvas.Polyline(at, SvgCanvas.Stroke(index), series.Dashed);
        for (var i = 0; i < at.Length; i++)
        {
            var point = series.Points[i];
            frame.Interval(index, at[i].X, point);
            if (series.Markers)
                frame.Canvas.Marker(index, at[i].X, at[i].Y, Tip(series.Name, point));
            if (point.Label is { } label)
                frame.Canvas.Text(at[i].X + 7, at[i].Y - 6, label, style: "small");
        }
    }

    private static void DrawKey(SvgCanvas canvas, PlotSeries series, int index, double x, double y)
    {
        if (series.Line)
            canvas.Polyline([(x - 9, y), (x + 9, y)], SvgCanvas.Stroke(index), series.Dashed);
        if (series.Markers)
            canvas.Marker(index, x, y);
    }

    private bool CanBeDrawn(PlotPoint point) =>
        double.IsFinite(point.X) && double.IsFinite(point.Y)
        && (!x.Logarithmic || point.X > 0) && (!y.Logarithmic || point.Y > 0);

    private static string Tip(string name, PlotPoint point)
    {
        var interval = point is { Low: { } low, High: { } high } ? $" ({Figure(low)} to {Figure(high)})" : "";
        return $"{name}: {Figure(point.X)}, {Figure(point.Y)}{interval}";

        static string Figure(double value) => value.ToString("G5", CultureInfo.InvariantCulture);
    }
}
