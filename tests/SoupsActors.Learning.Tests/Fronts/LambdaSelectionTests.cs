using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Learning.Fronts;

namespace SoupsActors.Learning.Tests.Fronts;

public sealed class LambdaSelectionTests
{
    private static readonly IReadOnlyList<double[]> Two = SimplexGrid.Lattice(2);
    private static readonly IReadOnlyList<double[]> Three = SimplexGrid.Lattice(3, 5);

    [Fact]
    public void A_quadratic_reward_without_noise_is_solved_whatever_the_prompts_level() =>
        Prop.ForAll(Gen.Choose(0, 20).ToArbitrary(), Gen.Choose(3, 32).ToArbitrary(), async (best, samples) =>
        {
            var peak = best / 20.0;
            var choice = await LambdaSelection.QuadraticAsync(
                Two,
                (point, prompt, _) => ValueTask.FromResult(Peak(Two[point], peak) + 50 * Math.Sin(prompt)),
                samples);
            Assert.Equal(samples, choice.SamplesUsed);
            Assert.Equal(Two.Max(w => Peak(w, peak)), Peak(Two[choice.Point], peak), 9);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task Three_rewards_are_solved_on_the_simplex()
    {
        double Reward(double[] w) =>
            -Math.Pow(w[0] - 0.2, 2) - Math.Pow(w[1] - 0.4, 2) - 0.5 * Math.Pow(w[2] - 0.4, 2) + w[0] * w[1];
        var choice = await LambdaSelection.QuadraticAsync(
            Three,
            (point, prompt, _) => ValueTask.FromResult(Reward(Three[point]) + prompt * prompt),
            32,
            TestContext.Current.CancellationToken);

        Assert.Equal(Three.Max(Reward), Reward(Three[choice.Point]), 9);
    }

    [Fact]
    public async Task With_noise_the_fitted_quadratic_regrets_less_than_the_best_single_samples()
    {
        double fitted = 0, halved = 0, single = 0;
        for (var user = 0; user < 200; user++)
        {
            var random = new Random(user);
            var peak = random.NextDouble();
            ValueTask<double> Score(int point, int prompt, CancellationToken _) =>
                ValueTask.FromResult(Peak(Two[point], peak) + 0.2 * FrontCases.Normal(random));
            var best = Two.Max(w => Peak(w, peak));
            fitted += best - Peak(Two[(await LambdaSelection.QuadraticAsync(Two, Score, 32)).Point], peak);
            halved += best - Peak(Two[(await LambdaSelection.HalvingAsync(11, Score, 32)).Point], peak);
            var once = await Task.WhenAll(Enumerable.Range(0, 11).Select(i => Score(i, 0, default).AsTask()));
            single += best - Peak(Two[Array.IndexOf(once, once.Max())], peak);
        }

        Assert.True(fitted < halved && halved < single, $"fitted {fitted:F2}, halved {halved:F2}, single {single:F2}");
    }

    [Fact]
    public void Halving_finds_the_best_point_without_noise_within_its_budget_and_asks_nothing_twice() =>
        Prop.ForAll(Gen.Choose(1, 40).ToArbitrary(), Gen.Choose(0, 60).ToArbitrary(), async (points, more) =>
        {
            var values = Enumerable.Range(0, points).Select(i => (double)i).ToArray();
            new Random(100 * points + more).Shuffle(values);
            var asked = new HashSet<(int, int)>();
            var choice = await LambdaSelection.HalvingAsync(
                points,
                (point, prompt, _) =>
                {
                    Assert.True(asked.Add((point, prompt)), $"point {point} was asked prompt {prompt} twice");
                    return ValueTask.FromResult(values[point] + 1000 * prompt);
                },
                points + more);
            Assert.Equal(asked.Count, choice.SamplesUsed);
            Assert.True(choice.SamplesUsed <= points + more);
            Assert.Equal(points - 1, values[choice.Point]);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_user_whose_reward_is_a_mixture_of_known_ones_is_read_from_a_few_exact_scores() =>
        Prop.ForAll(Mixtures, Gen.Choose(8, 32).ToArbitrary(), async (mixture, n) =>
        {
            ValueTask<double> Score(int point, int prompt, CancellationToken _) =>
                ValueTask.FromResult(4 + mixture.Zip(Rewards(point, prompt), (m, r) => m * r).Sum());
            var choice = await LambdaSelection.MixtureAsync(Known, 8, Rewards, Score, n);
            double Earned(SweepPoint point) => mixture.Zip(point.Scores.Means, (m, r) => m * r).Sum();
            Assert.Equal(Known.Points.Max(Earned), Earned(Known.Points[choice.Point]), 6);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_mixture_fitted_to_noisy_scores_stays_on_the_simplex_and_near_the_truth() =>
        Prop.ForAll(Mixtures, Gen.Choose(0, 1000).ToArbitrary(), (mixture, seed) =>
        {
            var random = new Random(seed);
            double[][] rewards = [.. Enumerable.Range(0, 32).Select(_ =>
                (double[])[.. mixture.Select(_ => FrontCases.Normal(random))])];
            double[] scores = [.. rewards.Select(row =>
                7 + row.Zip(mixture, (r, m) => r * m).Sum() + 0.5 * FrontCases.Normal(random))];
            var fitted = LambdaSelection.Mixture(rewards, scores);
            Assert.Equal(1, fitted.Sum(), 9);
            Assert.All(fitted, share => Assert.InRange(share, 0, 1 + 1e-9));
            Assert.All(fitted.Zip(mixture), pair => Assert.InRange(pair.First - pair.Second, -0.5, 0.5));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_reward_that_the_user_holds_against_answers_gets_no_share()
    {
        double[][] rewards = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 0, 1]];

        Assert.Equal(
            [0, 0.75, 0.25],
            LambdaSelection.Mixture(rewards, [.. rewards.Select(r => -5 * r[0] + 0.75 * r[1] + 0.25 * r[2])])
                .Select(share => Math.Round(share, 2)));
    }

    [Fact]
    public async Task With_noise_knowing_the_rewards_regrets_less_than_knowing_scores_alone()
    {
        double mixed = 0, fitted = 0;
        for (var user = 0; user < 100; user++)
        {
            var random = new Random(user);
            var mixture = Shares(random.NextDouble(), random.NextDouble(), random.NextDouble());
            ValueTask<double> Score(int point, int prompt, CancellationToken _) => ValueTask.FromResult(
                mixture.Zip(Rewards(point, prompt), (m, r) => m * r).Sum() + 0.3 * FrontCases.Normal(random));
            double Regret(LambdaChoice choice) => Known.Points.Max(Earned) - Earned(Known.Points[choice.Point]);
            double Earned(SweepPoint point) => mixture.Zip(point.Scores.Means, (m, r) => m * r).Sum();
            mixed += Regret(await LambdaSelection.MixtureAsync(Known, 8, Rewards, Score, 32));
            fitted += Regret(await LambdaSelection.QuadraticAsync(Three, Score, 32));
        }

        Assert.True(mixed < 0.7 * fitted, $"mixture {mixed:F2}, quadratic {fitted:F2}");
    }

    [Fact]
    public async Task Too_few_samples_for_the_fit_are_refused_with_the_number_needed()
    {
        Assert.Equal(3, LambdaSelection.LeastSamples(Two));
        Assert.Equal(6, LambdaSelection.LeastSamples(Three));
        var error = await Assert.ThrowsAsync<ArgumentException>(() =>
            LambdaSelection.QuadraticAsync(Two, (_, _, _) => ValueTask.FromResult(0.0), 2));
        Assert.Contains("at least 3", error.Message, StringComparison.Ordinal);
    }

    private static Arbitrary<double[]> Mixtures =>
        Gen.Choose(0, 9).ArrayOf(3).Where(parts => parts.Any(p => p > 0))
            .Select(parts => Shares([.. parts.Select(p => (double)p)])).ToArbitrary();

    private static double[] Shares(params double[] parts) => [.. parts.Select(p => p / parts.Sum())];

    /// <summary>Each reward falls off quadratically from its own expert; answers scatter widely around that.</summary>
    private static readonly LambdaSweep Known = new(Three.Select(w => new SweepPoint(
        w, PromptScores.OfMeans(w.Select(part => 1 - (1 - part) * (1 - part))))));

    private static double[] Rewards(int point, int prompt) =>
        [.. Three[point].Select((part, j) => part + Math.Sin(7 * point + 13 * prompt + 31 * j))];

    private static double Peak(IReadOnlyList<double> weights, double peak) =>
        -(weights[0] - peak) * (weights[0] - peak);
}
