namespace SoupsActors.Learning.Fronts;

/// <summary>
/// Which observations tell most about the coefficients of a linear model: the determinant of their information matrix
/// is made large, one observation after the other (D-optimal design; Wynn 1970, "The sequential generation of D-optimum
/// experimental designs"). Each choice is the candidate whose prediction is least sure.
/// </summary>
internal static class OptimalDesign
{
    /// <summary>Uncertainty of the coefficients before anything is known, in units of the candidates.</summary>
    private const double Prior = 1e6;

    /// <summary>The indices of the candidates to observe, each at most once, in the order of choice.</summary>
    /// <param name="candidates">Features of each candidate, all of one length.</param>
    /// <param name="count">How many; all where there are fewer.</param>
    public static IReadOnlyList<int> Choose(IReadOnlyList<double[]> candidates, int count)
    {
        var left = Enumerable.Range(0, candidates.Count).ToList();
        var chosen = new List<int>(count);
        var covariance = Scaled(candidates);
        while (chosen.Count < count && left.Count > 0)
        {
            var next = left.MaxBy(i => Dot(candidates[i], Times(covariance, candidates[i])));
            left.Remove(next);
            chosen.Add(next);
            Observe(covariance, candidates[next]);
        }

        return chosen;
    }

    /// <summary>Sherman and Morrison's formula: the inverse of the information with one observation more.</summary>
    private static void Observe(double[][] covariance, double[] features)
    {
        var direction = Times(covariance, features);
        var scale = 1 / (1 + Dot(features, direction));
        for (var i = 0; i < direction.Length; i++)
        {
            for (var j = 0; j < direction.Length; j++)
                covariance[i][j] -= scale * direction[i] * direction[j];
        }
    }

    /// <summary>Wide beside each feature's own scale, so that units do not matter.</summary>
    private static double[][] Scaled(IReadOnlyList<double[]> candidates)
    {
        var size = candidates.Count == 0 ? 0 : candidates[0].Length;
        var covariance = Enumerable.Range(0, size).Select(_ => new double[size]).ToArray();
        for (var i = 0; i < size; i++)
        {
            var square = candidates.Average(features => features[i] * features[i]);
            covariance[i][i] = Prior / Math.Max(double.Epsilon, square);
        }

        return covariance;
    }

    private static double[] Times(double[][] matrix, double[] vector) => [.. matrix.Select(row => Dot(row, vector))];

    private static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
