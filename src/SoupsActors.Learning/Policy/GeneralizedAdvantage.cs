namespace SoupsActors.Learning.Policy;

/// <summary>Generalised advantage estimation (Schulman et al. 2016, equations 11 to 16).</summary>
internal static class GeneralizedAdvantage
{
    private const double Epsilon = 1e-8;

    /// <summary>
    /// Â_t = δ_t + γλ·Â_{t+1} with δ_t = r_t + γ·V_{t+1} − V_t, and the returns Â_t + V_t. Nothing follows the last
    /// token.
    /// </summary>
    /// <param name="rewards">r, one per token.</param>
    /// <param name="values">V of the state before each token.</param>
    /// <param name="discount">γ, 0 to 1.</param>
    /// <param name="lambda">λ, 0 to 1.</param>
    public static (float[] Advantages, float[] Returns) Estimate(
        ReadOnlySpan<float> rewards, ReadOnlySpan<float> values, double discount, double lambda)
    {
        var advantages = new float[rewards.Length];
        var returns = new float[rewards.Length];
        var next = 0.0;
        for (var t = rewards.Length - 1; t >= 0; t--)
        {
            var nextValue = t + 1 < rewards.Length ? values[t + 1] : 0;
            next = rewards[t] + discount * nextValue - values[t] + discount * lambda * next;
            advantages[t] = (float)next;
            returns[t] = (float)(next + values[t]);
        }

        return (advantages, returns);
    }

    /// <summary>Shifts and scales all advantages together to mean 0 and variance 1, in place.</summary>
    public static void Whiten(IReadOnlyList<float[]> advantages)
    {
        var moments = new RunningMoments();
        moments.Update(advantages.SelectMany(a => a).Select(a => (double)a));
        var scale = 1 / Math.Sqrt(moments.Variance + Epsilon);
        foreach (var values in advantages)
        {
            for (var t = 0; t < values.Length; t++)
                values[t] = (float)((values[t] - moments.Mean) * scale);
        }
    }

    /// <summary>Keeps all advantages within ±bound, in place.</summary>
    public static void Clip(IReadOnlyList<float[]> advantages, double bound)
    {
        foreach (var values in advantages)
        {
            for (var t = 0; t < values.Length; t++)
                values[t] = (float)Math.Clamp(values[t], -bound, bound);
        }
    }
}
