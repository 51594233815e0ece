namespace SoupsActors.Learning.Rewards;

/// <summary>How the scores of an ensemble become one reward (Coste et al. 2023, arXiv 2310.02743, section 3).</summary>
public enum EnsembleObjective
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>The smallest: worst-case optimisation, WCO. What a single member is wrong about earns nothing.</summary>
    WorstCase,

    /// <summary>Mean − λ·variance: uncertainty-weighted optimisation, UWO.</summary>
    UncertaintyWeighted,
}

/// <summary>The objectives as functions of the members' scores.</summary>
public static class EnsembleScores
{
    /// <summary>One reward out of the members' scores of one answer.</summary>
    /// <param name="scores">At least one, on one scale.</param>
    /// <param name="objective">How.</param>
    /// <param name="uncertaintyPenalty">
    /// λ of <see cref="EnsembleObjective.UncertaintyWeighted"/>, on the variance of the population, as the paper and its
    /// best-of-n code take it (its PPO code divides by k − 1); 0 gives the mean.
    /// </param>
    public static double Combine(IReadOnlyList<double> scores, EnsembleObjective objective, double uncertaintyPenalty)
    {
        ArgumentNullException.ThrowIfNull(scores);
        if (scores.Count == 0)
            throw new ArgumentException("An ensemble needs at least one score.", nameof(scores));
        var mean = scores.Average();
        return objective switch
        {
            EnsembleObjective.Mean => mean,
            EnsembleObjective.WorstCase => scores.Min(),
            EnsembleObjective.UncertaintyWeighted =>
                mean - uncertaintyPenalty * scores.Average(s => (s - mean) * (s - mean)),
            _ => throw new ArgumentOutOfRangeException(nameof(objective), objective, "There is no such objective."),
        };
    }
}
