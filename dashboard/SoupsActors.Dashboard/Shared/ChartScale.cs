using System.Globalization;
using System.Text;

namespace SoupsActors.Dashboard.Shared;

/// <summary>One line of a chart.</summary>
/// <param name="Name">What the legend says.</param>
/// <param name="Points">Points from left to right; a y of null or NaN leaves a gap.</param>
/// <param name="IsBound">Whether it is a limit or a reference rather than a measurement; drawn dashed.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<(double X, double? Y)> Points, bool IsBound = false);

/// <summary>Maps the values of one axis to places of a drawing.</summary>
/// <param name="From">Smallest value.</param>
/// <param name="To">Largest value.</param>
/// <param name="Start">Where the smallest value lies.</param>
/// <param name="End">Where the largest value lies; less than <paramref name="Start"/> for an axis that points up.</param>
public sealed record ChartAxis(double From, double To, double Start, double End)
{
    /// <summary>Where a value lies; one beyond the ends lies on the end.</summary>
    public double Place(double value) =>
        Start + (End - Start) * (To > From ? Math.Clamp((value - From) / (To - From), 0, 1) : 0);

    /// <summary>Round values to mark, about as many as asked for, all within the axis.</summary>
    public IReadOnlyList<double> Ticks(int about)
    {
        if (!(To > From))
            return [From];
        var step = NiceCeiling((To - From) / Math.Max(1, about));
        var first = Math.Ceiling(From / step - 1e-9);
        var last = Math.Floor(To / step + 1e-9);
        return [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => (first + i) * step)];
    }

    /// <summary>The path of a line through points; gaps stay gaps.</summary>
    public static string Path(IEnumerable<(double X, double? Y)> points, ChartAxis x, ChartAxis y)
    {
        ArgumentNullException.ThrowIfNull(points);
        var path = new StringBuilder();
        var isDown = false;
        foreach (var (px, py) in points)
        {
            if (py is not { } value || !double.IsFinite(value) || !double.IsFinite(px))
            {
                isDown = false;
                continue;
            }

            // A point alone is a line of no length, which a round end makes a dot.
            path.Append(CultureInfo.InvariantCulture, $"{(isDown ? 'L' : 'M')}{x.Place(px):0.##} {y.Place(value):0.##}");
            path.Append(isDown ? "" : "h0");
            isDown = true;
        }

        return path.ToString();
    }

    /// <summary>The path of the points that have a gap on both sides, and so no line to be seen by.</summary>
    public static string LonePoints(IReadOnlyList<(double X, double? Y)> points, ChartAxis x, ChartAxis y)
    {
        ArgumentNullException.ThrowIfNull(points);
        return Path(points.Select((p, i) => IsShown(i) && !IsShown(i - 1) && !IsShown(i + 1) ? p : (p.X, null)), x, y);

        bool IsShown(int i) =>
            i >= 0 && i < points.Count && points[i] is { Y: { } value } point && double.IsFinite(value) && double.IsFinite(point.X);
    }

    /// <summary>A round number at or above a value: 1, 2, 2.5 or 5 times a power of ten; 1 for nothing.</summary>
    public static double NiceCeiling(double value)
    {
        if (!(value > 0) || !double.IsFinite(value))
            return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        foreach (var factor in (double[])[1, 2, 2.5, 5])
        {
            if (value <= factor * power * (1 + 1e-9))
                return factor * power;
        }

        return 10 * power;
    }
}
