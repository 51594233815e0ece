using SoupsActors.Learning.Rewards;

namespace SoupsActors.Miniature.Experiments.Overoptimisation;

/// <summary>Best-of-n by one objective, mean over the questions.</summary>
/// <param name="Objective">Name of the objective.</param>
/// <param name="N">Numbers of samples to choose from.</param>
/// <param name="Gold">Expected gold score of the chosen answer at each n, in standard deviations of the base.</param>
/// <param name="GoldError">Standard error of each over the questions.</param>
/// <param name="Proxy">Expected score of the objective itself.</param>
internal sealed record SelectionCurve(
    string Objective, IReadOnlyList<int> N, IReadOnlyList<double> Gold, IReadOnlyList<double> GoldError, IReadOnlyList<double> Proxy)
{
    public const string Single = "single model";
    public const string Mean = "mean";
    public const string WorstCase = "WCO";
    public const string Uncertainty = "UWO";

    /// <summary>By how much gold lies at the largest n below its best: the price of over-optimisation.</summary>
    public double Drop => Gold.Max() - Gold[^1];

    /// <summary>All objectives on the same pools; a single model is the mean over the members, each choosing alone.</summary>
    public static IReadOnlyList<SelectionCurve> Of(IReadOnlyList<ScoredPool> pools, double penalty)
    {
        var members = Enumerable.Range(0, pools[0].Members.Length);
        return
        [
            Measure(Single, pools, p => [.. members.Select(m => p.Members[m])]),
            Measure(Mean, pools, p => [p.Proxy(EnsembleObjective.Mean, penalty)]),
            Measure(WorstCase, pools, p => [p.Proxy(EnsembleObjective.WorstCase, penalty)]),
            Measure(Uncertainty, pools, p => [p.Proxy(EnsembleObjective.UncertaintyWeighted, penalty)]),
        ];
    }

    private static SelectionCurve Measure(
        string name, IReadOnlyList<ScoredPool> pools, Func<ScoredPool, IReadOnlyList<double[]>> proxies)
    {
        var sizes = new List<int>();
        for (var n = 1; n <= pools[0].Gold.Length; n *= 2)
            sizes.Add(n);
        var chosen = pools.Select(pool => (Pool: pool, Proxies: proxies(pool))).ToArray();
        var gold = sizes.Select(n => chosen
            .Select(c => c.Proxies.Average(proxy => BestOfN.Expected(proxy, c.Pool.Gold, n))).ToArray()).ToArray();
        return new SelectionCurve(
            name,
            sizes,
            [.. gold.Select(g => g.Average())],
            [.. gold.Select(StandardError)],
            [.. sizes.Select(n => chosen.Average(c => c.Proxies.Average(proxy => BestOfN.Expected(proxy, proxy, n))))]);
    }

    private static double StandardError(double[] numbers)
    {
        var mean = numbers.Average();
        return numbers.Length < 2
            ? 0
            : Math.Sqrt(numbers.Sum(n => (n - mean) * (n - mean)) / (numbers.Length - 1) / numbers.Length);
    }
}
