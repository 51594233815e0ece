using SoupsActors.Tensors;

namespace SoupsActors.Learning.Policy;

/// <summary>
/// The clipped objectives (Schulman et al. 2017, equation 7; values as in its released code), means over tokens.
/// </summary>
internal static class PpoLosses
{
    /// <summary>Mean of max(−A·ρ, −A·clip(ρ, 1 ± ε)).</summary>
    /// <param name="ratio">ρ = π / π_old, tokens × 1.</param>
    /// <param name="advantages">A, one per token.</param>
    /// <param name="clip">ε.</param>
    public static Tensor Policy(Tensor ratio, float[] advantages, double clip)
    {
        var loss = ratio.Tape.Constant(advantages, advantages.Length, 1) * -1f;
        return (ratio * loss).Maximum(ratio.Clamp((float)(1 - clip), (float)(1 + clip)) * loss).Mean();
    }

    /// <summary>Mean of ½·max((V − R)², (clip(V, V_old ± ε) − R)²); without clipping where ε is null.</summary>
    /// <param name="values">V, tokens × 1.</param>
    /// <param name="oldValues">V_old, one per token.</param>
    /// <param name="returns">R, one per token.</param>
    /// <param name="clip">ε.</param>
    public static Tensor Value(Tensor values, float[] oldValues, float[] returns, double? clip)
    {
        var target = values.Tape.Constant(returns, returns.Length, 1);
        var loss = (values - target).Square();
        if (clip is { } bound)
        {
            var old = values.Tape.Constant(oldValues, oldValues.Length, 1);
            var clipped = (values - old).Clamp(-(float)bound, (float)bound) + old;
            loss = (clipped - target).Square().Maximum(loss);
        }

        return loss.Mean() * 0.5f;
    }

    /// <summary>Mean entropy of each row's distribution, in nats, 1 × 1.</summary>
    public static Tensor Entropy(Tensor logits)
    {
        var logProbabilities = logits.LogSoftmax();
        return (logProbabilities.Exp() * logProbabilities).SumColumns().Mean() * -1f;
    }
}
