using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Learning.Fronts;

namespace SoupsActors.Learning.Tests.Fronts;

/// <summary>Generators and sweeps that the tests of fronts share.</summary>
internal static class FrontCases
{
    /// <summary>Up to seven points with coordinates 0 to 5, ties among them.</summary>
    public static Gen<double[][]> Points(int rewards) =>
        Gen.Choose(0, 5).Select(c => (double)c).ArrayOf(rewards).ArrayOf().Where(points => points.Length <= 7);

    /// <summary>At least one of them.</summary>
    public static Gen<double[][]> Some(int rewards) => Points(rewards).Where(points => points.Length > 0);

    /// <summary>An 11-point sweep of two experts; scores of all prompts come from λ_0, reward and prompt.</summary>
    public static LambdaSweep Sweep(int prompts, Func<double, int, int, double> score) =>
        new(SimplexGrid.Lattice(2).Select(weights =>
            new SweepPoint(weights, Scores(prompts, (j, p) => score(weights[0], j, p)))));

    /// <summary>Scores by two rewards.</summary>
    public static PromptScores Scores(int prompts, Func<int, int, double> score) =>
        new([.. Enumerable.Range(0, 2).Select(j => Enumerable.Range(0, prompts).Select(p => score(j, p)).ToArray())]);

    /// <summary>A standard normal draw.</summary>
    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
