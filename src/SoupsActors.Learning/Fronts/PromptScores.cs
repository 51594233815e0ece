namespace SoupsActors.Learning.Fronts;

/// <summary>
/// What one model earns on a fixed list of prompts, by several rewards. All models that are compared answer the same
/// prompts in the same order, so that differences are taken prompt by prompt and the prompts' own difficulty cancels.
/// </summary>
public sealed class PromptScores
{
    private readonly double[][] byReward;

    /// <summary>Takes scores; where a prompt was answered several times, its mean.</summary>
    /// <param name="byReward">For each reward the scores of all prompts, finite.</param>
    /// <exception cref="ArgumentException">There is none, the lengths differ, or a score is not finite.</exception>
    public PromptScores(IReadOnlyList<double[]> byReward)
    {
        ArgumentNullException.ThrowIfNull(byReward);
        if (byReward.Count == 0 || byReward[0].Length == 0)
            throw new ArgumentException("There must be at least one reward and one prompt.", nameof(byReward));
        if (byReward.Any(scores => scores.Length != byReward[0].Length))
            throw new ArgumentException("Every reward must score the same prompts.", nameof(byReward));
        if (!byReward.All(scores => scores.All(double.IsFinite)))
            throw new ArgumentException("A score is NaN or infinite.", nameof(byReward));
        this.byReward = [.. byReward];
        Means = [.. byReward.Select(scores => scores.Average())];
    }

    /// <summary>Mean over the prompts, by reward.</summary>
    public IReadOnlyList<double> Means { get; }

    /// <summary>Number of rewards.</summary>
    public int Rewards => byReward.Length;

    /// <summary>Number of prompts.</summary>
    public int Prompts => byReward[0].Length;

    /// <summary>The scores of all prompts by one reward.</summary>
    public ReadOnlySpan<double> this[int reward] => byReward[reward];

    /// <summary>
    /// Published or otherwise known means, without scores of single prompts: nothing is known of their noise.
    /// </summary>
    public static PromptScores OfMeans(params IEnumerable<double> means) => new([.. means.Select(m => new[] { m })]);

    /// <summary>The scores by a user's own reward R̂ = Σ μ_j R_j.</summary>
    /// <param name="weights">μ, one number for each reward.</param>
    public double[] Combined(IReadOnlyList<double> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.Count != Rewards)
            throw new ArgumentException($"{weights.Count} weights for {Rewards} rewards.", nameof(weights));
        var combined = new double[Prompts];
        for (var reward = 0; reward < Rewards; reward++)
        {
            for (var prompt = 0; prompt < Prompts; prompt++)
                combined[prompt] += weights[reward] * byReward[reward][prompt];
        }

        return combined;
    }

    /// <summary>The scores of some of the prompts, by index.</summary>
    public PromptScores Of(IReadOnlyList<int> prompts)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        return new PromptScores([.. byReward.Select(scores => prompts.Select(p => scores[p]).ToArray())]);
    }

    /// <summary>The means over a resample of the prompts, drawn by index with repetition.</summary>
    internal double[] Resampled(ReadOnlySpan<int> prompts)
    {
        var means = new double[Rewards];
        for (var reward = 0; reward < Rewards; reward++)
        {
            foreach (var prompt in prompts)
                means[reward] += byReward[reward][prompt];
            means[reward] /= prompts.Length;
        }

        return means;
    }

    /// <summary>
    /// Standard error of the mean of differences that were taken prompt by prompt; 0 for a single prompt, of whose
    /// noise nothing is known.
    /// </summary>
    public static double StandardError(ReadOnlySpan<double> differences)
    {
        if (differences.Length < 2)
            return 0;
        double mean = 0, squares = 0;
        foreach (var d in differences)
            mean += d / differences.Length;
        foreach (var d in differences)
            squares += (d - mean) * (d - mean);
        return Math.Sqrt(squares / (differences.Length - 1) / differences.Length);
    }
}
