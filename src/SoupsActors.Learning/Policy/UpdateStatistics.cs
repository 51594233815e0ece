using SoupsActors.Learning.Training;

namespace SoupsActors.Learning.Policy;

/// <summary>What the mini-batches of one step's update show, each weighing the same.</summary>
internal sealed class UpdateStatistics
{
    private readonly Dictionary<string, (double Sum, int Count)> sums = [];

    /// <summary>Mini-batches seen by the policy, skipped ones included.</summary>
    public int Batches { get; private set; }

    /// <summary>Mini-batches whose mean ratio exploded.</summary>
    public int Skipped { get; set; }

    /// <summary>Updates of the policy.</summary>
    public int Updates { get; set; }

    /// <summary>Adds a measurement of one mini-batch.</summary>
    public void Add(string name, double value)
    {
        var (sum, count) = sums.GetValueOrDefault(name);
        sums[name] = (sum + value, count + 1);
    }

    /// <summary>Compares the policy under optimisation with the one that sampled.</summary>
    /// <param name="logProbabilities">log π of each token.</param>
    /// <param name="old">log π_old of each token.</param>
    /// <param name="advantages">A of each token.</param>
    /// <param name="clip">ε of the policy loss.</param>
    /// <returns>The mean ratio and ½·mean (log ρ)², which approximates the KL divergence.</returns>
    public (double MeanRatio, double ApproximateKl) AddRatios(
        float[] logProbabilities, float[] old, float[] advantages, double clip)
    {
        Batches++;
        var ratios = new RunningMoments();
        double approximateKl = 0, entropy = 0;
        var clipped = 0;
        var values = new double[old.Length];
        for (var t = 0; t < old.Length; t++)
        {
            var logRatio = (double)logProbabilities[t] - old[t];
            var ratio = values[t] = Math.Exp(logRatio);
            approximateKl += 0.5 * logRatio * logRatio / old.Length;
            // Tokens were drawn from π_old, so ρ·(−log π) is an unbiased estimate of π's entropy.
            entropy -= ratio * logProbabilities[t] / old.Length;
            if (advantages[t] > 0 ? ratio > 1 + clip : advantages[t] < 0 && ratio < 1 - clip)
                clipped++;
        }

        ratios.Update(values);
        Add(MetricNames.Ratio, ratios.Mean);
        Add(MetricNames.RatioVariance, ratios.Variance);
        Add(MetricNames.ApproximateKl, approximateKl);
        Add(MetricNames.PolicyEntropy, entropy);
        Add(MetricNames.PolicyClipFraction, (double)clipped / old.Length);
        return (ratios.Mean, approximateKl);
    }

    /// <summary>Adds the share of tokens at which clipping decides the value loss.</summary>
    public void AddValueClipping(float[] values, float[] old, float[] returns, double? clip)
    {
        var clipped = 0;
        for (var t = 0; t < values.Length && clip is not null; t++)
        {
            var near = Math.Clamp(values[t], old[t] - clip.Value, old[t] + clip.Value);
            if (Math.Abs(near - returns[t]) > Math.Abs((double)values[t] - returns[t]))
                clipped++;
        }

        Add(MetricNames.ValueClipFraction, (double)clipped / values.Length);
    }

    /// <summary>Means over the mini-batches.</summary>
    public IEnumerable<(string Name, double Value)> Means()
    {
        foreach (var (name, (sum, count)) in sums)
            yield return (name, sum / count);
        yield return (MetricNames.PolicyUpdates, Updates);
        yield return (MetricNames.SkippedBatches, Skipped);
    }
}
