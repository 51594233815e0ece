using SoupsActors.Learning.Data;

namespace SoupsActors.Learning.Rewards;

/// <summary>
/// How strongly an ensemble agrees with a label: mean and standard deviation over the members of d_m = r_m(chosen) −
/// r_m(rejected) (Secrets of RLHF II, arXiv 2401.06080, section 2.2). A negative mean says that the label is likely wrong.
/// </summary>
/// <param name="Mean">μ̂.</param>
/// <param name="StandardDeviation">σ̂, of the population.</param>
public readonly record struct PreferenceStrength(double Mean, double StandardDeviation)
{
    /// <summary>The strengths of comparisons, in their order.</summary>
    /// <param name="members">Reward models trained on the same comparisons, in other orders, from other heads.</param>
    /// <param name="pairs">The comparisons.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public static PreferenceStrength[] Measure(
        IReadOnlyList<IRewardNetwork> members, IReadOnlyList<TokenPair> pairs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(members);
        ArgumentNullException.ThrowIfNull(pairs);
        if (members.Count == 0)
            throw new ArgumentException("A strength needs at least one reward model.", nameof(members));
        var gaps = members.Select(m =>
        {
            var chosen = m.Score([.. pairs.Select(p => PairBatch.Join(p.Prompt, p.Chosen))], cancellationToken);
            var rejected = m.Score([.. pairs.Select(p => PairBatch.Join(p.Prompt, p.Rejected))], cancellationToken);
            return chosen.Zip(rejected, (c, r) => (double)c - r).ToArray();
        }).ToArray();
        return [.. Enumerable.Range(0, pairs.Count).Select(i => Of([.. gaps.Select(g => g[i])]))];
    }

    /// <summary>Mean and standard deviation of the members' differences.</summary>
    public static PreferenceStrength Of(IReadOnlyList<double> differences)
    {
        ArgumentNullException.ThrowIfNull(differences);
        var mean = differences.Average();
        return new PreferenceStrength(mean, Math.Sqrt(differences.Average(d => (d - mean) * (d - mean))));
    }
}

/// <summary>What is done about labels that an ensemble doubts (Secrets of RLHF II, section 2.3); the parts combine.</summary>
public sealed record DenoisingOptions
{
    /// <summary>Share of all pairs, those of lowest strength, whose labels are swapped where the strength is negative; 0 to 1.</summary>
    public double FlipShare { get; init; }

    /// <summary>Label smoothing α of pairs whose strength is negative and that were not swapped; 0 to below 0.5.</summary>
    public double SmoothNegative { get; init; }

    /// <summary>Whether the strength becomes the margin: −log σ(Δr − μ̂).</summary>
    public bool AdaptiveMargin { get; init; }
}

/// <summary>Cleans comparisons by their strengths.</summary>
public static class LabelDenoising
{
    /// <summary>Indices of the pairs of lowest strength, the lowest first; none whose strength is not negative.</summary>
    /// <param name="strengths">Strength of every pair.</param>
    /// <param name="share">Most of them, as a share of all pairs, 0 to 1.</param>
    public static IReadOnlyList<int> Doubtful(IReadOnlyList<PreferenceStrength> strengths, double share)
    {
        ArgumentNullException.ThrowIfNull(strengths);
        if (share is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "A share lies between 0 and 1.");
        return
        [
            .. Enumerable.Range(0, strengths.Count)
                .Where(i => strengths[i].Mean < 0)
                .OrderBy(i => strengths[i].Mean)
                .Take((int)Math.Round(share * strengths.Count)),
        ];
    }

    /// <summary>The pairs with doubtful labels swapped or smoothed, and margins set.</summary>
    public static IReadOnlyList<TokenPair> Apply(
        IReadOnlyList<TokenPair> pairs, IReadOnlyList<PreferenceStrength> strengths, DenoisingOptions options)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(strengths);
        ArgumentNullException.ThrowIfNull(options);
        if (pairs.Count != strengths.Count)
            throw new ArgumentException($"{pairs.Count} pairs have {strengths.Count} strengths.", nameof(strengths));
        if (options.SmoothNegative is not (>= 0 and < 0.5))
            throw new ArgumentOutOfRangeException(nameof(options), options.SmoothNegative, "Label smoothing lies in [0, 0.5).");
        var flipped = Doubtful(strengths, options.FlipShare).ToHashSet();
        return [.. pairs.Select((pair, i) => Clean(pair, strengths[i].Mean, flipped.Contains(i), options))];
    }

    private static TokenPair Clean(TokenPair pair, double strength, bool flip, DenoisingOptions options)
    {
        var cleaned = flip ? pair.Flipped() : pair;
        // What was swapped has the opposite strength, which is positive.
        var own = flip ? -strength : strength;
        if (own < 0 && options.SmoothNegative > 0)
        {
            var (p, alpha) = (cleaned.ChosenProbability, (float)options.SmoothNegative);
            cleaned = cleaned with { ChosenProbability = (1 - alpha) * p + alpha * (1 - p) };
        }

        return options.AdaptiveMargin ? cleaned with { Margin = (float)own } : cleaned;
    }
}
