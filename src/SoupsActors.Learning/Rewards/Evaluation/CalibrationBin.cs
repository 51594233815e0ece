namespace SoupsActors.Learning.Rewards;

/// <summary>One bin of a reliability diagram: a calibrated reward's accuracy equals its confidence.</summary>
/// <param name="Count">Predictions in it; both orders of a pair count.</param>
/// <param name="Confidence">Mean predicted probability, 0 to 1; 0 where the bin is empty.</param>
/// <param name="Accuracy">Share of the predictions that came true, 0 to 1; 0 where the bin is empty.</param>
public sealed record CalibrationBin(int Count, double Confidence, double Accuracy)
{
    /// <summary>The bins of several measurements taken as one.</summary>
    /// <param name="measurements">At least one; all with equally many bins.</param>
    public static IReadOnlyList<CalibrationBin> Pool(IReadOnlyList<IReadOnlyList<CalibrationBin>> measurements)
    {
        ArgumentNullException.ThrowIfNull(measurements);
        if (measurements.Count == 0 || measurements.Any(m => m.Count != measurements[0].Count))
            throw new ArgumentException("Only measurements with equally many bins can be pooled.", nameof(measurements));
        return [.. Enumerable.Range(0, measurements[0].Count).Select(i => Pool(measurements.Select(m => m[i])))];
    }

    private static CalibrationBin Pool(IEnumerable<CalibrationBin> bins)
    {
        var (count, confidence, accuracy) = (0, 0.0, 0.0);
        foreach (var bin in bins)
        {
            count += bin.Count;
            confidence += bin.Count * bin.Confidence;
            accuracy += bin.Count * bin.Accuracy;
        }

        return count == 0 ? new CalibrationBin(0, 0, 0) : new CalibrationBin(count, confidence / count, accuracy / count);
    }
}
