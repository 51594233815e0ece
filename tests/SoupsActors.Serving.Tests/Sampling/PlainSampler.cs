namespace SoupsActors.Serving.Tests.Sampling;

/// <summary>The sampling rules written down as plainly as possible.</summary>
internal static class PlainSampler
{
    /// <summary>The tokens that may be drawn with their weights, most likely first; empty when none may.</summary>
    public static List<(int Token, double Weight)> Kept(float[] raw, SamplingOptions options, int[] context)
    {
        var logits = raw.ToArray();
        foreach (var (token, bias) in options.LogitBias)
            logits[token] += bias;
        foreach (var token in context.Distinct())
        {
            var penalty = options.RepetitionPenalty;
            if (penalty != 1)
                logits[token] = logits[token] > 0 ? logits[token] / penalty : logits[token] * penalty;
        }

        for (var token = 0; token < logits.Length && options.NoRepeatNgram > 0; token++)
        {
            int[] extended = [.. context, token];
            var n = options.NoRepeatNgram;
            var starts = Enumerable.Range(0, Math.Max(0, extended.Length - n));
            if (extended.Length > n && starts.Any(s => extended.Skip(s).Take(n).SequenceEqual(extended.TakeLast(n))))
                logits[token] = float.NegativeInfinity;
        }

        var largest = logits.Max();
        if (float.IsNegativeInfinity(largest))
            return [];
        if (options.Temperature == 0)
            return [(Array.IndexOf(logits, largest), 1)];

        var kept = logits
            .Select((l, token) => (Token: token, Weight: Math.Exp(((double)l - largest) / options.Temperature)))
            .OrderByDescending(t => t.Weight).ThenBy(t => t.Token)
            .ToList();
        if (options.TopK > 0)
            kept = [.. kept.Take(options.TopK)];
        if (options.TopP < 1)
        {
            // The sum runs in the order in which the sampler has it: of ids, unless top-k has sorted before.
            var total = (options.TopK > 0 ? kept : [.. kept.OrderBy(t => t.Token)]).Sum(t => t.Weight);
            var sum = 0.0;
            var count = kept.TakeWhile(t => (sum += t.Weight) < options.TopP * total).Count() + 1;
            kept = [.. kept.Take(count)];
        }

        return [.. kept.Where(t => t.Weight >= options.MinP)];
    }

    public static int Draw(List<(int Token, double Weight)> kept, double draw, bool inOrderOfIds)
    {
        var ordered = inOrderOfIds ? [.. kept.OrderBy(t => t.Token)] : kept;
        var target = draw * ordered.Sum(t => t.Weight);
        var sum = 0.0;
        foreach (var (token, weight) in ordered)
        {
            sum += weight;
            if (sum > target)
                return token;
        }

        return ordered.Last(t => t.Weight > 0).Token;
    }
}
