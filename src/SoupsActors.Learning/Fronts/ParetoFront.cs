namespace SoupsActors.Learning.Fronts;

/// <summary>Pareto dominance of reward vectors; more is better in every reward.</summary>
public static class ParetoFront
{
    /// <summary>
    /// Whether a dominates b: at least as good in every reward and better in one by more than the noise. A strict
    /// partial order for any fixed noise.
    /// </summary>
    /// <param name="a">Rewards of a.</param>
    /// <param name="b">Rewards of b.</param>
    /// <param name="noise">By reward, how much more is not yet told from equal, at least 0; null for 0.</param>
    public static bool Dominates(IReadOnlyList<double> a, IReadOnlyList<double> b, IReadOnlyList<double>? noise = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Count != b.Count || (noise is not null && noise.Count != a.Count))
            throw new ArgumentException($"Points of {a.Count} and {b.Count} rewards cannot be compared.", nameof(b));
        var better = false;
        for (var reward = 0; reward < a.Count; reward++)
        {
            if (!(a[reward] >= b[reward]))
                return false;
            better |= a[reward] > b[reward] + (noise?[reward] ?? 0);
        }

        return better;
    }

    /// <summary>Indices of the points that no other one dominates, ascending. Equal points stay together.</summary>
    public static IReadOnlyList<int> Indices(
        IReadOnlyList<IReadOnlyList<double>> points, IReadOnlyList<double>? noise = null)
    {
        ArgumentNullException.ThrowIfNull(points);
        return
        [
            .. Enumerable.Range(0, points.Count).Where(i => !points.Any(other => Dominates(other, points[i], noise))),
        ];
    }

    /// <summary>
    /// How far a point lies above a front: the least number that, added to every reward of every point of the front,
    /// makes one of them at least as good (additive ε indicator, Zitzler et al. 2003). Negative where it lies below.
    /// </summary>
    /// <returns>The excess, and the point and reward where it is attained.</returns>
    public static (double Excess, int Nearest, int Reward) Excess(
        IReadOnlyList<IReadOnlyList<double>> front, IReadOnlyList<double> point)
    {
        ArgumentNullException.ThrowIfNull(front);
        ArgumentNullException.ThrowIfNull(point);
        return Enumerable.Range(0, front.Count)
            .Select(i => Enumerable.Range(0, point.Count)
                .Select(reward => (Excess: point[reward] - front[i][reward], Nearest: i, Reward: reward))
                .MaxBy(e => e.Excess))
            .MinBy(e => e.Excess);
    }
}
