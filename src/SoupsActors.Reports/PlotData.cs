namespace SoupsActors.Reports;

/// <summary>A point of a plot, perhaps with the ends of an interval around its height.</summary>
/// <param name="X">Position; where it is not finite, the point is left out.</param>
/// <param name="Y">Height; where it is not finite, the point is left out.</param>
/// <param name="Low">Lower end of the interval, or null.</param>
/// <param name="High">Upper end of the interval, or null.</param>
/// <param name="Label">A word written beside the point, or null.</param>
public sealed record PlotPoint(double X, double Y, double? Low = null, double? High = null, string? Label = null);

/// <summary>Points that belong together and share a colour, a marker and a place in the legend.</summary>
/// <param name="Name">What the legend says.</param>
/// <param name="Points">In the order in which a line connects them.</param>
public sealed record PlotSeries(string Name, IReadOnlyList<PlotPoint> Points)
{
    /// <summary>Whether a line connects the points.</summary>
    public bool Line { get; init; } = true;

    /// <summary>Whether the points are marked; long curves read better without.</summary>
    public bool Markers { get; init; } = true;

    /// <summary>Whether the line is dashed: for chords, bounds and other things not measured.</summary>
    public bool Dashed { get; init; }
}

/// <summary>One axis of a plot.</summary>
/// <param name="Title">What is shown, with its unit.</param>
/// <param name="Low">Where it begins, or null for the data's own range.</param>
/// <param name="High">Where it ends, or null for the data's own range.</param>
public sealed record PlotAxis(string Title, double? Low = null, double? High = null)
{
    /// <summary>Whether equal ratios are equal distances; marks are at powers of two. Ends are the data's.</summary>
    public bool Logarithmic { get; init; }

    internal AxisTicks Ticks(IEnumerable<double> values) =>
        Logarithmic ? AxisTicks.PowersOfTwo(values) : AxisTicks.Linear(values, Low, High);
}

/// <summary>The bars of one kind in a bar chart, one for each category.</summary>
/// <param name="Name">What the legend says.</param>
/// <param name="Bars">
/// For each category a height, perhaps with an interval; <see cref="PlotPoint.X"/> does not count. A height that is not
/// finite is left out.
/// </param>
public sealed record BarSeries(string Name, IReadOnlyList<PlotPoint> Bars);
