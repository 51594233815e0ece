namespace SoupsActors.Serving.Sampling;

/// <summary>
/// The rules that change logits before temperature: bias, repetition penalty, no repeated n-gram, in this order.
/// </summary>
internal sealed class LogitRules(int vocabularySize)
{
    private readonly int[] stamps = new int[vocabularySize];
    private int stamp;

    /// <param name="logits">Changed in place.</param>
    /// <param name="plan">What to apply.</param>
    /// <param name="context">Prompt and answer so far.</param>
    public void Apply(Span<float> logits, SamplingPlan plan, ReadOnlySpan<int> context)
    {
        for (var i = 0; i < plan.BiasTokens.Length; i++)
            logits[plan.BiasTokens[i]] += plan.BiasValues[i];
        if (plan.Options.RepetitionPenalty != 1f)
            Penalise(logits, plan.Options.RepetitionPenalty, context);
        if (plan.Options.NoRepeatNgram > 0)
            BanRepeatedNgrams(logits, plan.Options.NoRepeatNgram, context);
    }

    /// <summary>
    /// Keskar et al. 2019, section 4.1, with Hugging Face's treatment of negative logits; each token once.
    /// </summary>
    private void Penalise(Span<float> logits, float penalty, ReadOnlySpan<int> context)
    {
        if (++stamp == int.MaxValue)
        {
            Array.Clear(stamps);
            stamp = 1;
        }

        foreach (var token in context)
        {
            if (stamps[token] == stamp)
                continue;
            stamps[token] = stamp;
            logits[token] = logits[token] > 0 ? logits[token] / penalty : logits[token] * penalty;
        }
    }

    private static void BanRepeatedNgrams(Span<float> logits, int length, ReadOnlySpan<int> context)
    {
        if (context.Length < length)
            return;
        var last = context[^(length - 1)..];
        for (var start = 0; start + length <= context.Length; start++)
        {
            if (context.Slice(start, length - 1).SequenceEqual(last))
                logits[context[start + length - 1]] = float.NegativeInfinity;
        }
    }
}
