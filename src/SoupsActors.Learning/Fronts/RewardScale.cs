namespace SoupsActors.Learning.Fronts;

/// <summary>
/// Brings rewards of different scales to one: by each reward the worst expert is 0 and the best one 1. Hypervolumes are
/// taken above one fixed reference point, a tenth of that range below the worst expert.
/// </summary>
public sealed class RewardScale
{
    private const double ReferenceBelow = 0.1;

    private readonly double[] worst;
    private readonly double[] range;

    private RewardScale(double[] worst, double[] range)
    {
        this.worst = worst;
        this.range = range;
        Reference = [.. Enumerable.Repeat(-ReferenceBelow, worst.Length)];
    }

    /// <summary>The reference point, in scaled rewards.</summary>
    public IReadOnlyList<double> Reference { get; }

    /// <summary>Best less worst expert by reward: the unit of the scaled rewards.</summary>
    public IReadOnlyList<double> Range => range;

    /// <summary>The scale of the experts at a sweep's endpoints.</summary>
    /// <exception cref="ArgumentException">
    /// By some reward all experts are equal, so that there is nothing to trade.
    /// </exception>
    public static RewardScale Of(LambdaSweep sweep)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        var means = sweep.Endpoints.Select(e => e.Scores.Means).ToArray();
        var least = Enumerable.Range(0, sweep.Rewards).Select(j => means.Min(m => m[j])).ToArray();
        var spread = Enumerable.Range(0, sweep.Rewards).Select(j => means.Max(m => m[j]) - least[j]).ToArray();
        return Array.FindIndex(spread, r => r <= 0) is var equal and >= 0
            ? throw new ArgumentException(
                $"All experts earn the same by reward {equal}. Choose experts that differ in it, or leave it out.",
                nameof(sweep))
            : new RewardScale(least, spread);
    }

    /// <summary>Rewards in units of the experts' range.</summary>
    public double[] Scale(IReadOnlyList<double> rewards)
    {
        ArgumentNullException.ThrowIfNull(rewards);
        return [.. rewards.Select((r, j) => (r - worst[j]) / range[j])];
    }
}
