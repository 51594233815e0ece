using SoupsActors.Learning.Rewards;

namespace SoupsActors.Learning.Policy;

/// <summary>What is done to scores before they become rewards (Zheng et al. 2023, section 5.3).</summary>
public enum ScoreScaling
{
    /// <summary>Scores as they come.</summary>
    None,

    /// <summary>Divided by the running standard deviation of all scores.</summary>
    Scaled,

    /// <summary>Less the running mean of all scores, then divided by their running standard deviation.</summary>
    Normalised,
}

/// <summary>Turns the score of an answer into a reward for each token.</summary>
internal static class RewardShaping
{
    // Scores that are all the same have no spread to divide by.
    private const double LeastDeviation = 1e-8;

    /// <summary>The score as the policy sees it, and the factor that rewards of single tokens get too.</summary>
    public static (double Score, double Factor) Scale(
        double score, RunningMoments moments, ScoreScaling scaling, double? clip)
    {
        var deviation = moments.StandardDeviation;
        var factor = scaling == ScoreScaling.None || deviation < LeastDeviation ? 1 : 1 / deviation;
        var scaled = (score - (scaling == ScoreScaling.Normalised ? moments.Mean : 0)) * factor;
        return (clip is { } bound ? Math.Clamp(scaled, -bound, bound) : scaled, factor);
    }

    /// <summary>
    /// r_t = −β·(log π − log π_ref) at every token, plus the token's own reward where there is one, plus the score at
    /// the last token (Ouyang et al. 2022, section 3.5).
    /// </summary>
    public static float[] PerToken(
        ReadOnlySpan<float> policy,
        ReadOnlySpan<float> reference,
        double klCoefficient,
        double score,
        float[]? tokens,
        double factor)
    {
        var rewards = new float[policy.Length];
        for (var t = 0; t < rewards.Length; t++)
        {
            var reward = -klCoefficient * ((double)policy[t] - reference[t]) + (tokens?[t] ?? 0) * factor;
            rewards[t] = (float)(t == rewards.Length - 1 ? reward + score : reward);
        }

        return rewards;
    }

    /// <summary>The score and all rewards of single tokens.</summary>
    public static double Total(RewardSignal signal) => signal.Score + (signal.PerToken?.Sum(r => (double)r) ?? 0);
}
