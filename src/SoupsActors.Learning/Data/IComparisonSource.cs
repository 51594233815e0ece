namespace SoupsActors.Learning.Data;

/// <summary>Comparisons that keep coming in, in an order that never changes, so that a reader can go on where it was.</summary>
/// <remarks>
/// Positions grow with each event. What lies at or below a position that was once reported never changes, except that
/// events of users who were forgotten vanish. A null preference stands for feedback that names none.
/// </remarks>
public interface IComparisonSource
{
    /// <summary>
    /// How many comparisons there are after a position, and up to where they go. Cheap enough to be asked every second.
    /// </summary>
    /// <param name="preference">The preference they were judged by.</param>
    /// <param name="after">Only later ones; 0 for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<ComparisonCount> CountAsync(string? preference, long after = 0, CancellationToken cancellationToken = default);

    /// <summary>
    /// Comparisons in order of position. One event may make several, all with its position; they are always read
    /// together.
    /// </summary>
    /// <param name="preference">The preference they were judged by.</param>
    /// <param name="after">Only later ones; 0 for all.</param>
    /// <param name="through">The last position to read; with it a run reads the same data each time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    IAsyncEnumerable<PlacedComparison> ReadAsync(
        string? preference, long after = 0, long through = long.MaxValue, CancellationToken cancellationToken = default);

    /// <summary>Single answers that were called good or bad, in order of position, for methods without pairs.</summary>
    /// <param name="preference">The preference they were judged by.</param>
    /// <param name="after">Only later ones; 0 for all.</param>
    /// <param name="through">The last position to read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    IAsyncEnumerable<PlacedLabel> ReadLabelsAsync(
        string? preference, long after = 0, long through = long.MaxValue, CancellationToken cancellationToken = default);

    /// <summary>Parts of answers that were judged, in order of position, for rewards of single tokens.</summary>
    /// <param name="preference">The preference they were judged by.</param>
    /// <param name="after">Only later ones; 0 for all.</param>
    /// <param name="through">The last position to read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    IAsyncEnumerable<PlacedSegment> ReadSegmentsAsync(
        string? preference, long after = 0, long through = long.MaxValue, CancellationToken cancellationToken = default);
}

/// <summary>How many comparisons there are.</summary>
/// <param name="Comparisons">Their number.</param>
/// <param name="Last">Position of the newest, or the position asked after where there are none.</param>
public readonly record struct ComparisonCount(long Comparisons, long Last);

/// <summary>A comparison and its position.</summary>
/// <param name="Position">Position of the event that completed it.</param>
/// <param name="Comparison">The comparison.</param>
public sealed record PlacedComparison(long Position, Comparison Comparison);

/// <summary>A labelled answer and its position.</summary>
/// <param name="Position">Position of its event.</param>
/// <param name="Answer">The answer.</param>
public sealed record PlacedLabel(long Position, LabelledAnswer Answer);

/// <summary>A labelled part of an answer and its position.</summary>
/// <param name="Position">Position of its event.</param>
/// <param name="Segment">The part.</param>
public sealed record PlacedSegment(long Position, LabelledSegment Segment);
