namespace SoupsActors.Reports;

/// <summary>What every chart has around its data: title, axes, grid and legend.</summary>
internal sealed class PlotFrame : IDisposable
{
    private const double Height = 420;
    private const double PlotWidth = 560;
    private const double Left = 72;
    private const double Top = 46;

    private readonly double bottom;
    private readonly AxisTicks y;

    /// <summary>Draws title, grid, the axis of heights and the legend.</summary>
    /// <param name="title">Title of the chart.</param>
    /// <param name="yAxis">The axis of heights.</param>
    /// <param name="y">Its marks.</param>
    /// <param name="names">Names of the series, for the legend; a single one needs none.</param>
    /// <param name="drawKey">Draws the sign of a series, by its number, around a point of the legend.</param>
    /// <param name="labelRoom">Room below the data for labels and title of the other axis.</param>
    public PlotFrame(
        string title,
        PlotAxis yAxis,
        AxisTicks y,
        IReadOnlyList<string> names,
        Action<SvgCanvas, int, double, double> drawKey,
        double labelRoom = 56)
    {
        this.y = y;
        bottom = Height - 56;
        var legend = names.Count > 1 ? 44 + names.Max(SvgCanvas.Width) : 16;
        // Titles wider than the data would run out of the picture.
        var width = Math.Max(Left + PlotWidth + legend, Left + 9 * title.Length + 16);
        Canvas = new SvgCanvas(width, bottom + labelRoom, title, $"{yAxis.Title}: {string.Join(", ", names)}");
        Canvas.Text(Left, 26, title, style: "title");
        foreach (var mark in y.Values)
        {
            Canvas.Line(Left, Y(mark), Right, Y(mark), "grid");
            Canvas.Text(Left - 8, Y(mark) + 4, y.Label(mark), "end", "small");
        }

        Canvas.Text(18, (Top + bottom) / 2, yAxis.Title, "middle", turn: -90);
        Canvas.Line(Left, Top, Left, bottom, "axis");
        Canvas.Line(Left, bottom, Right, bottom, "axis");
        for (var i = 0; i < names.Count && names.Count > 1; i++)
        {
            drawKey(Canvas, i, Right + 22, Top + 10 + 20 * i);
            Canvas.Text(Right + 34, Top + 14 + 20 * i, names[i]);
        }
    }

    public SvgCanvas Canvas { get; }

    public static double LeftEdge => Left;

    public static double Right => Left + PlotWidth;

    public double Bottom => bottom;

    /// <summary>Where a height lies; beyond the ends of the axis it is drawn at the end.</summary>
    public double Y(double value) => bottom - Math.Clamp(y.Share(value), 0, 1) * (bottom - Top);

    /// <summary>Draws the axis of positions with marks.</summary>
    public void DrawX(PlotAxis axis, AxisTicks x)
    {
        foreach (var mark in x.Values)
        {
            Canvas.Line(X(x, mark), bottom, X(x, mark), bottom + 5, "axis");
            Canvas.Text(X(x, mark), bottom + 19, x.Label(mark), "middle", "small");
        }

        Canvas.Text((Left + Right) / 2, bottom + 42, axis.Title, "middle");
    }

    public static double X(AxisTicks x, double value) => Left + Math.Clamp(x.Share(value), 0, 1) * PlotWidth;

    /// <summary>Draws an interval around a height, where the point has one.</summary>
    public void Interval(int series, double x, PlotPoint point, string? style = null)
    {
        if (point is not { Low: { } low, High: { } high } || !double.IsFinite(low) || !double.IsFinite(high))
            return;
        style ??= SvgCanvas.Stroke(series);
        Canvas.Line(x, Y(low), x, Y(high), style);
        Canvas.Line(x - 4, Y(low), x + 4, Y(low), style);
        Canvas.Line(x - 4, Y(high), x + 4, Y(high), style);
    }

    /// <summary>Draws a dashed level across the data, such as 50 %.</summary>
    public void Guide(double? level)
    {
        if (level is { } value && value >= y.Low && value <= y.High)
            Canvas.Line(Left, Y(value), Right, Y(value), "guide");
    }

    public void Dispose() => Canvas.Dispose();

    /// <summary>The heights that an axis must have room for.</summary>
    public static IEnumerable<double> Heights(IEnumerable<PlotPoint> points) =>
        points.SelectMany(p => new[] { p.Y, p.Low ?? p.Y, p.High ?? p.Y });
}
