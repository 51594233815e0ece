using System.Numerics.Tensors;

namespace SoupsActors.Serving.Sampling;

/// <summary>Log-probabilities under the model's own distribution: the log-softmax of the raw logits.</summary>
internal sealed class LogProbabilities(int vocabularySize)
{
    private readonly TopSelector selector = new(vocabularySize);

    /// <summary>
    /// The chosen token's log-probability and the <paramref name="count"/> most likely tokens with theirs.
    /// </summary>
    public (TokenLogProbability Chosen, TokenLogProbability[] Top) Measure(
        ReadOnlySpan<float> logits, int token, int count)
    {
        double largest = TensorPrimitives.Max(logits);
        var sum = 0.0;
        foreach (var logit in logits)
            sum += Math.Exp(logit - largest);
        var logSumExp = largest + Math.Log(sum);

        var best = selector.Largest(logits, count);
        var top = best.Length == 0 ? [] : new TokenLogProbability[best.Length];
        for (var i = 0; i < top.Length; i++)
            top[i] = At(logits, TopSelector.Token(best[i]), logSumExp);
        return (At(logits, token, logSumExp), top);
    }

    private static TokenLogProbability At(ReadOnlySpan<float> logits, int token, double logSumExp) =>
        new(token, (float)(logits[token] - logSumExp));
}
