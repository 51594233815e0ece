using SoupsActors.Learning.Data;

namespace SoupsActors.Miniature.Experiments.More;

/// <summary>Comparisons of several data sets over one table of features, and comparisons to test on.</summary>
/// <param name="Table">Features of all answers, row-major; a token pair's answers are its row numbers.</param>
/// <param name="Features">Columns of the table.</param>
/// <param name="Sources">Comparisons of each data set.</param>
/// <param name="HeldOut">What is tested, by name.</param>
internal sealed record RewardProblem(
    float[] Table,
    int Features,
    IReadOnlyList<IReadOnlyList<TokenPair>> Sources,
    IReadOnlyList<(string Name, IReadOnlyList<TokenPair> Pairs)> HeldOut)
{
    /// <summary>
    /// Data sets that share a linear preference w* and have each its own drift: data set k is labelled by chance with
    /// P(a ≻ b) = σ((w* + δ_k)·(a − b)), the test by w* alone. This is the model that MORE starts from
    /// (arXiv 2312.07401, section 3): the best reward has to learn w* and to leave the drifts out.
    /// </summary>
    public static RewardProblem Draw(MoreSettings settings, int seed)
    {
        var random = new Random(seed);
        var d = settings.Features;
        var rows = new List<float>();
        var shared = Direction(settings.SharedNorm);
        var sources = new List<IReadOnlyList<TokenPair>>();
        foreach (var size in settings.Sizes)
        {
            var drift = Direction(settings.DriftNorm);
            double[] own = [.. shared.Zip(drift, (s, e) => s + e)];
            sources.Add([.. Enumerable.Range(0, size).Select(_ => Label(own))]);
        }

        TokenPair[] heldOut = [.. Enumerable.Range(0, settings.HeldOut).Select(_ => Label(shared))];
        return new RewardProblem([.. rows], d, sources, [("shared", heldOut)]);

        double[] Direction(double length) => [.. Enumerable.Range(0, d).Select(_ => length * Normal() / Math.Sqrt(d))];

        // Each answer's features have variance ½, so that differences have variance 1 and w·(a − b) has |w|².
        TokenPair Label(double[] rule)
        {
            var first = rows.Count / d;
            var gap = 0.0;
            for (var side = 0; side < 2; side++)
            {
                for (var j = 0; j < d; j++)
                {
                    rows.Add((float)(Normal() * Math.Sqrt(0.5)));
                    gap += (side == 0 ? rule[j] : -rule[j]) * rows[^1];
                }
            }

            var pair = new TokenPair([], [first], [first + 1]);
            return random.NextDouble() < 1 / (1 + Math.Exp(-gap)) ? pair : pair.Flipped();
        }

        double Normal() =>
            Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }
}
