namespace SoupsActors.Learning.Rewards;

/// <summary>
/// r_chosen − r_rejected of the last pairs of a training, as they were before the step that learnt from them. In the
/// first epoch nothing had been learnt from them yet.
/// </summary>
internal sealed class RecentGaps
{
    /// <summary>Pairs that are remembered. Of so many, a perfectly calibrated model still errs by about 0.04.</summary>
    public const int Pairs = 256;

    private readonly double[] gaps = new double[Pairs];
    private long seen;

    /// <summary>
    /// The error, see <see cref="Rewards.CalibrationError"/>; null for as long as there are fewer pairs, also after a
    /// training has gone on from its checkpoint: errors of different numbers of pairs make no curve.
    /// </summary>
    public double? CalibrationError => seen < Pairs ? null : Rewards.CalibrationError.Of(gaps);

    /// <summary>Adds a batch.</summary>
    /// <param name="scores">Scores of the chosen, then of as many rejected answers.</param>
    public void Add(float[] scores)
    {
        var n = scores.Length / 2;
        for (var i = 0; i < n; i++)
            gaps[seen++ % Pairs] = scores[i] - scores[n + i];
    }
}
