namespace SoupsActors.Learning.Rewards;

/// <summary>
/// The point of smallest norm in the convex hull of some vectors: argmin ‖Σ λ_i g_i‖² over the simplex, by Frank and
/// Wolfe's method as in multiple-gradient descent (Sener and Koltun 2018, algorithm 2).
/// </summary>
public static class MinimumNorm
{
    private const int MaxIterations = 1000;
    private const double Tolerance = 1e-5;

    /// <summary>What a vector that dominates its pair is kept at, so that no data set is dropped altogether.</summary>
    private const double Dominant = 0.999;

    /// <summary>The weights λ, none negative, summing to 1.</summary>
    /// <param name="vectors">At least one, all of one length.</param>
    public static double[] Solve(IReadOnlyList<double[]> vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        if (vectors.Count == 0)
            throw new ArgumentException("The smallest norm of no vectors is not defined.", nameof(vectors));
        if (vectors.Any(v => v.Length != vectors[0].Length))
            throw new ArgumentException("The vectors differ in length.", nameof(vectors));
        var k = vectors.Count;
        if (k == 1)
            return [1];
        var gram = new double[k, k];
        for (var i = 0; i < k; i++)
        {
            for (var j = 0; j < k; j++)
                gram[i, j] = Dot(vectors[i], vectors[j]);
        }

        var lambda = BestPair(gram, k);
        if (k == 2)
            return lambda;
        for (var iteration = 0; iteration < MaxIterations; iteration++)
        {
            // ⟨g_t, g*⟩ for every t; the smallest says which vector to move towards.
            var products = Enumerable.Range(0, k)
                .Select(t => Enumerable.Range(0, k).Sum(j => gram[t, j] * lambda[j])).ToArray();
            var toward = Array.IndexOf(products, products.Min());
            var own = lambda.Zip(products, (l, p) => l * p).Sum();
            var stay = PairWeight(own, products[toward], gram[toward, toward]);
            var moved = 0.0;
            for (var i = 0; i < k; i++)
            {
                var next = stay * lambda[i] + (i == toward ? 1 - stay : 0);
                moved += Math.Abs(next - lambda[i]);
                lambda[i] = next;
            }

            if (moved < Tolerance)
                break;
        }

        return lambda;
    }

    /// <summary>Weight of u where only u and v are mixed, from a = ⟨u,u⟩, b = ⟨u,v⟩, c = ⟨v,v⟩.</summary>
    internal static double PairWeight(double a, double b, double c)
    {
        if (b >= a)
            return Dominant;
        if (b >= c)
            return 1 - Dominant;
        return (c - b) / (a + c - 2 * b);
    }

    private static double[] BestPair(double[,] gram, int k)
    {
        var best = new double[k];
        var smallest = double.PositiveInfinity;
        for (var i = 0; i < k; i++)
        {
            for (var j = i + 1; j < k; j++)
            {
                var w = PairWeight(gram[i, i], gram[i, j], gram[j, j]);
                var norm = w * w * gram[i, i] + 2 * w * (1 - w) * gram[i, j] + (1 - w) * (1 - w) * gram[j, j];
                if (norm >= smallest)
                    continue;
                smallest = norm;
                best = new double[k];
                best[i] = w;
                best[j] = 1 - w;
            }
        }

        return best;
    }

    private static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
