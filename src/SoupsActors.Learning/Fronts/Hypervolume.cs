namespace SoupsActors.Learning.Fronts;

/// <summary>
/// The volume that a set of points dominates above a reference point (Zitzler and Thiele 1999), exactly.
/// </summary>
public static class Hypervolume
{
    /// <summary>The volume of the union of the boxes between the reference and each point.</summary>
    /// <param name="points">Reward vectors; those not above the reference in every reward add nothing.</param>
    /// <param name="reference">The reference point; fixed once for all sets that are compared.</param>
    /// <remarks>
    /// Slices along the last reward and sweeps the first two (While et al. 2006): n log n for two rewards, about n² log
    /// n for three, n more for each further one.
    /// </remarks>
    public static double Of(IEnumerable<IReadOnlyList<double>> points, IReadOnlyList<double> reference)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentOutOfRangeException.ThrowIfZero(reference.Count, nameof(reference));
        var above = new List<double[]>();
        foreach (var point in points)
        {
            if (point.Count != reference.Count)
            {
                throw new ArgumentException(
                    $"A point of {point.Count} rewards beside a reference of {reference.Count}.", nameof(points));
            }

            var box = point.Zip(reference, (p, r) => p - r).ToArray();
            if (box.All(side => side > 0))
                above.Add(box);
        }

        return Volume(above, reference.Count);
    }

    /// <summary>The union of boxes from the origin to each corner, in the first dimensions.</summary>
    private static double Volume(List<double[]> corners, int dimensions)
    {
        if (corners.Count == 0)
            return 0;
        if (dimensions == 1)
            return corners.Max(c => c[0]);
        if (dimensions == 2)
            return Area(corners);

        // Between two heights, just the boxes that reach the upper one are there.
        var last = dimensions - 1;
        var falling = corners.OrderByDescending(c => c[last]).ToList();
        var volume = 0.0;
        for (var i = 0; i < falling.Count; i++)
        {
            var below = i + 1 < falling.Count ? falling[i + 1][last] : 0;
            if (falling[i][last] > below)
                volume += (falling[i][last] - below) * Volume(falling.GetRange(0, i + 1), last);
        }

        return volume;
    }

    private static double Area(List<double[]> corners)
    {
        double area = 0, height = 0;
        foreach (var corner in corners.OrderByDescending(c => c[0]))
        {
            if (corner[1] <= height)
                continue;
            area += corner[0] * (corner[1] - height);
            height = corner[1];
        }

        return area;
    }
}
