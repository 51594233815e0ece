using System.Numerics.Tensors;

namespace SoupsActors.Serving.Sampling;

/// <summary>
/// Chooses the next token from a row of logits, in the order of <see cref="SamplingOptions"/>' properties. Everything
/// is summed in a fixed order of the row's own making, so that the choice depends on the row alone.
/// </summary>
/// <remarks>Its buffers are shared by all rows of an engine; not safe for concurrent use.</remarks>
internal sealed class Sampler(int vocabularySize)
{
    private readonly LogitRules rules = new(vocabularySize);
    private readonly TopSelector selector = new(vocabularySize);
    private readonly float[] changed = new float[vocabularySize];
    private readonly double[] weights = new double[vocabularySize];

    /// <param name="logits">The model's output, left as it is.</param>
    /// <param name="plan">The request's options and seed.</param>
    /// <param name="context">Prompt and answer so far.</param>
    /// <param name="index">Tokens generated before this one; with the seed it determines the draw.</param>
    /// <exception cref="GenerationFailedException">The logits are not numbers, or the rules leave no token.</exception>
    public int Sample(ReadOnlySpan<float> logits, SamplingPlan plan, ReadOnlySpan<int> context, int index)
    {
        var largest = TensorPrimitives.Max(logits);
        if (!float.IsFinite(largest))
        {
            throw new GenerationFailedException(
                $"The model's logits for token {index + 1} of the answer are not finite numbers (largest: {largest}). "
                + "Weights λ of the mix that are too large are the usual cause.");
        }

        if (plan.ChangesLogits)
        {
            logits.CopyTo(changed);
            rules.Apply(changed, plan, context);
            logits = changed;
            largest = TensorPrimitives.Max(logits);
            if (!float.IsFinite(largest))
            {
                throw new GenerationFailedException(
                    $"The sampling rules leave no token to choose for token {index + 1} of the answer. "
                    + "Raise NoRepeatNgram or bring RepetitionPenalty nearer to 1.");
            }
        }

        var options = plan.Options;
        if (options.Temperature == 0)
            return logits.IndexOf(largest);

        var draw = CounterRandom.Uniform(plan.Seed, index);
        if (options.TopK > 0)
            return DrawSorted(selector.Largest(logits, options.TopK), logits, largest, options, draw);
        if (options.TopP < 1)
            return DrawNucleus(logits, largest, options, draw);
        return DrawAll(logits, largest, options, draw);
    }

    /// <summary>Without top-k and top-p no order is needed: one pass in order of token ids.</summary>
    private int DrawAll(ReadOnlySpan<float> logits, float largest, SamplingOptions options, double draw)
    {
        var total = 0.0;
        for (var token = 0; token < logits.Length; token++)
        {
            var weight = Weight(logits[token], largest, options.Temperature);
            weights[token] = weight >= options.MinP ? weight : 0;
            total += weights[token];
        }

        return Pick(weights.AsSpan(0, logits.Length), total, draw);
    }

    private int DrawNucleus(ReadOnlySpan<float> logits, float largest, SamplingOptions options, double draw)
    {
        var total = 0.0;
        for (var token = 0; token < logits.Length; token++)
            total += Weight(logits[token], largest, options.Temperature);

        // All tokens below (1−p)/V together have less than 1−p, so the nucleus lies above; half of it absorbs rounding.
        var least = 0.5 * (1 - (double)options.TopP) / logits.Length * total;
        var minimum = largest + options.Temperature * Math.Log(least);
        var candidates = selector.AtLeast(logits, MathF.BitDecrement((float)minimum));
        return DrawSorted(candidates, logits, largest, options, draw, total);
    }

    /// <summary>Cuts the sorted candidates by top-p, then by min-p, and draws from the rest.</summary>
    private int DrawSorted(
        ReadOnlySpan<ulong> candidates,
        ReadOnlySpan<float> logits,
        float largest,
        SamplingOptions options,
        double draw,
        double total = 0)
    {
        for (var i = 0; i < candidates.Length; i++)
            weights[i] = Weight(logits[TopSelector.Token(candidates[i])], largest, options.Temperature);
        if (total == 0)
        {
            for (var i = 0; i < candidates.Length; i++)
                total += weights[i];
        }

        var kept = 0;
        var sum = 0.0;
        while (kept < candidates.Length && weights[kept] >= options.MinP)
        {
            sum += weights[kept++];
            if (options.TopP < 1 && sum >= options.TopP * total)
                break;
        }

        return TopSelector.Token(candidates[Pick(weights.AsSpan(0, kept), sum, draw)]);
    }

    /// <summary>Probability relative to the most likely token: 1 for it, less for all others.</summary>
    // The largest is taken off first, so that a tiny temperature gives 0 and 1 and never the difference of infinities.
    private static double Weight(float logit, float largest, float temperature) =>
        Math.Exp(((double)logit - largest) / temperature);

    private static int Pick(ReadOnlySpan<double> weights, double total, double draw)
    {
        var target = draw * total;
        var sum = 0.0;
        var last = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] == 0)
                continue;
            sum += weights[i];
            last = i;
            if (sum > target)
                break;
        }

        return last;
    }
}
