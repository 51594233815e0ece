using SoupsActors.Learning.Fronts;

namespace SoupsActors.Miniature.Experiments.Rewarded;

/// <summary>How well a way to choose λ does over many hidden users.</summary>
/// <param name="Name">The way.</param>
/// <param name="MeanSamples">Scored answers it used in the mean.</param>
/// <param name="MeanRegret">What the best grid point earns more, mean over the users.</param>
/// <param name="RelativeRegret">The same over the users' mean gap between best and worst grid point.</param>
/// <param name="WithinNoise">Share of users whose point earns the best one's reward within two standard errors.</param>
public sealed record SelectionResult(
    string Name, double MeanSamples, double MeanRegret, double RelativeRegret, double WithinNoise);

/// <summary>
/// Users with a hidden mixture μ score single answers, not quite surely; λ is chosen by that. What the chooser knows of
/// each λ comes from other questions than those that tell what its choice earns, and users score further answers.
/// </summary>
/// <param name="known">What the chooser knows of each λ.</param>
/// <param name="told">The sweep that tells what each λ earns.</param>
/// <param name="pool">By point: one further answer to each prompt, for users to score.</param>
/// <param name="samples">Answers a user scores at most.</param>
/// <param name="userNoise">Standard deviation of a user's scores around the reward that is meant.</param>
internal sealed class SelectionStudy(
    LambdaSweep known, LambdaSweep told, IReadOnlyList<PromptScores> pool, int samples, double userNoise)
{
    private readonly IReadOnlyList<double>[] grid = [.. told.Points.Select(p => p.Weights)];

    /// <summary>Plays users with mixtures drawn evenly from the simplex.</summary>
    public async Task<IReadOnlyList<SelectionResult>> RunAsync(int users, int seed, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        var mixed = new Tally("fitted mixture of the known rewards");
        var quadratic = new Tally("fitted quadratic");
        var halving = new Tally("sequential halving");
        var best = new Tally("the known rewards' best, as if μ were known");
        var stated = new Tally("λ = μ, as if μ were known");
        var middle = new Tally("equal shares");
        for (var user = 0; user < users; user++)
        {
            var mixture = Draw(random);
            var prompts = Enumerable.Range(0, pool[0].Prompts).ToArray();
            random.Shuffle(prompts);
            var scores = pool.Select(p => p.Combined(mixture)).ToArray();
            ValueTask<double> Score(int point, int prompt, CancellationToken _) =>
                ValueTask.FromResult(scores[point][prompts[prompt % prompts.Length]] + userNoise * Normal(random));
            double[] Rewards(int point, int prompt) =>
                [.. Enumerable.Range(0, told.Rewards).Select(j => pool[point][j][prompts[prompt % prompts.Length]])];

            var byMixture = await LambdaSelection.MixtureAsync(
                known, prompts.Length, Rewards, Score, samples, cancellationToken);
            Add(mixed, byMixture, mixture);
            Add(quadratic, await LambdaSelection.QuadraticAsync(grid, Score, samples, cancellationToken), mixture);
            Add(halving, await LambdaSelection.HalvingAsync(grid.Length, Score, samples, cancellationToken), mixture);
            Add(best, new LambdaChoice(Best(known, mixture), 0), mixture);
            Add(stated, new LambdaChoice(Nearest(mixture), 0), mixture);
            Add(middle, new LambdaChoice(Nearest([.. mixture.Select(_ => 1.0 / mixture.Length)]), 0), mixture);
        }

        return [.. new[] { mixed, quadratic, halving, best, stated, middle }.Select(t => t.Result())];
    }

    private void Add(Tally tally, LambdaChoice choice, double[] mixture)
    {
        var earned = told.Points.Select(p => p.Scores.Combined(mixture)).ToArray();
        var means = earned.Select(e => e.Average()).ToArray();
        var best = Best(told, mixture);
        var differences = earned[best].Zip(earned[choice.Point], (b, c) => b - c).ToArray();
        var regret = means[best] - means[choice.Point];
        var noise = LinearModeConnectivity.StandardErrors * PromptScores.StandardError(differences);
        tally.Add(choice.SamplesUsed, regret, means[best] - means.Min(), regret <= noise);
    }

    /// <summary>Uniform on the simplex: gaps between sorted uniform draws.</summary>
    private double[] Draw(Random random)
    {
        var cuts = Enumerable.Range(0, told.Rewards - 1).Select(_ => random.NextDouble()).Append(1).Order().ToArray();
        return [.. cuts.Select((cut, i) => cut - (i == 0 ? 0 : cuts[i - 1]))];
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static int Best(LambdaSweep sweep, double[] mixture) =>
        Enumerable.Range(0, sweep.Points.Count).MaxBy(i => sweep.Points[i].Scores.Combined(mixture).Average());

    private int Nearest(IReadOnlyList<double> weights) =>
        Enumerable.Range(0, grid.Length).MinBy(i => grid[i].Zip(weights, (a, b) => (a - b) * (a - b)).Sum());

    private sealed class Tally(string name)
    {
        private readonly List<(int Samples, double Regret, double Gap, bool WithinNoise)> users = [];

        public void Add(int samples, double regret, double gap, bool withinNoise) =>
            users.Add((samples, regret, gap, withinNoise));

        public SelectionResult Result() => new(
            name,
            users.Average(u => u.Samples),
            users.Average(u => u.Regret),
            users.Sum(u => u.Regret) / Math.Max(double.Epsilon, users.Sum(u => u.Gap)),
            users.Average(u => u.WithinNoise ? 1.0 : 0));
    }
}
