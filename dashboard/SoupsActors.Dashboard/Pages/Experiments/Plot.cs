namespace SoupsActors.Dashboard.Pages.Experiments;

/// <summary>A point of a <see cref="PointChart"/>.</summary>
/// <param name="X">Position.</param>
/// <param name="Y">Height.</param>
/// <param name="Low">Lower end of its interval, or null.</param>
/// <param name="High">Upper end of its interval, or null.</param>
/// <param name="Label">A word beside it, or null.</param>
public sealed record PlotMark(double X, double Y, double? Low = null, double? High = null, string? Label = null)
{
    internal bool IsFinite => double.IsFinite(X) && double.IsFinite(Y);
}

/// <summary>Points of one kind.</summary>
/// <param name="Name">What the legend says.</param>
/// <param name="Marks">The points.</param>
public sealed record PlotMarks(string Name, IReadOnlyList<PlotMark> Marks)
{
    /// <summary>Whether they are joined by a line.</summary>
    public bool IsLine { get; init; } = true;

    /// <summary>Whether each point has a dot.</summary>
    public bool HasDots { get; init; } = true;

    /// <summary>Whether the line is dashed: a chord, a bound, a score that is not the one that counts.</summary>
    public bool IsDashed { get; init; }

    /// <summary>Colour, 0 to 5; by default that of its place.</summary>
    public int? Colour { get; init; }
}
