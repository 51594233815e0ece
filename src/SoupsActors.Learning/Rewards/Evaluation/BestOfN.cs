namespace SoupsActors.Learning.Rewards;

/// <summary>
/// What the best of n samples is worth, from N ≥ n samples without bias: the mean over all subsets of n of the gold score of
/// the sample that the proxy likes best (Nakano et al. 2021, appendix I). With the samples sorted by proxy, sample i of N is
/// the best of C(i − 1, n − 1) subsets.
/// </summary>
public static class BestOfN
{
    /// <summary>The expected gold score.</summary>
    /// <param name="proxy">What samples are chosen by; of equal ones the later wins.</param>
    /// <param name="gold">What they are worth, in the same order.</param>
    /// <param name="n">Samples to choose from, 1 to as many as there are.</param>
    public static double Expected(IReadOnlyList<double> proxy, IReadOnlyList<double> gold, int n)
    {
        ArgumentNullException.ThrowIfNull(proxy);
        ArgumentNullException.ThrowIfNull(gold);
        if (proxy.Count != gold.Count)
            throw new ArgumentException($"{proxy.Count} samples have {gold.Count} gold scores.", nameof(gold));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(n);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(n, proxy.Count);
        var best = Enumerable.Range(0, proxy.Count).OrderByDescending(i => proxy[i]).ThenByDescending(i => i).ToArray();

        // From the best sample down: C(i − 1, n − 1) / C(N, n) is n / N for i = N, and shrinks by (i − n) / (i − 1) a place.
        var share = (double)n / best.Length;
        var sum = 0.0;
        for (var i = best.Length; i >= n; i--)
        {
            sum += share * gold[best[best.Length - i]];
            share *= i == 1 ? 0 : (i - n) / (double)(i - 1);
        }

        return sum;
    }

    /// <summary>KL of the best of n from the policy that was sampled, in nats: ln n − (n − 1)/n (Stiennon et al. 2020, G.3).</summary>
    public static double Kl(int n)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(n);
        return Math.Log(n) - (n - 1.0) / n;
    }
}
