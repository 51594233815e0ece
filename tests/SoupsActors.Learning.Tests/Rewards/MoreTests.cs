using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Training;
using SoupsActors.Tensors;
using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Learning.Tests.Rewards;

public sealed class MoreTests : IDisposable
{
    private readonly CpuBackend backend = CpuBackend.Create(new CpuOptions { Threads = 1 });

    public static TheoryData<double[][], double[]> ReferenceVectors => new()
    {
        { [[2, 0], [0, 1]], [0.2, 0.8] },
        { [[1, 0], [0, 1]], [0.5, 0.5] },
        { [[1, 0], [2, 0]], [0.999, 0.001] },
        { [[1, 0], [-1, 0]], [0.5, 0.5] },
        { Identity(3, 1, 1, 1), [1 / 3.0, 1 / 3.0, 1 / 3.0] },
        { Identity(3, 2, 1, 1), [1 / 9.0, 4 / 9.0, 4 / 9.0] },
        { Identity(5, 1, 1, 1, 1, 1), [0.2, 0.2, 0.2, 0.2, 0.2] },
        { [[3, 4]], [1] },
    };

    public void Dispose() => backend.Dispose();

    [Theory]
    [MemberData(nameof(ReferenceVectors))]
    public void The_solver_finds_the_smallest_norm(double[][] vectors, double[] expected)
    {
        var lambda = MinimumNorm.Solve(vectors);
        Assert.Equal(expected, lambda, (a, b) => Math.Abs(a - b) < 1e-3);
    }

    [Fact]
    public void The_solution_lies_on_the_simplex_and_no_vector_would_shorten_it() => Prop.ForAll(
        Gen.Choose(2, 6).SelectMany(k => Gen.Choose(-20, 20).ListOf(4).ListOf(k)).ToArbitrary(),
        drawn =>
        {
            var vectors = drawn.Select(v => v.Select(x => x / 10.0).ToArray()).ToArray();
            var lambda = MinimumNorm.Solve(vectors);
            Assert.All(lambda, l => Assert.InRange(l, 0, 1));
            Assert.Equal(1, lambda.Sum(), 1e-9);

            // Karush, Kuhn and Tucker: ⟨g_i, g*⟩ ≥ ‖g*‖² everywhere, with equality where λ_i > 0.
            var point = Enumerable.Range(0, 4).Select(j => lambda.Zip(vectors, (l, v) => l * v[j]).Sum()).ToArray();
            var norm = Dot(point, point);
            var scale = Math.Max(1e-9, vectors.Max(v => Dot(v, v)));
            Assert.All(vectors, v => Assert.True(
                Dot(v, point) >= norm - 0.02 * scale, $"⟨g, g*⟩ = {Dot(v, point)} below ‖g*‖² = {norm}"));
            Assert.All(lambda.Zip(vectors), p => Assert.True(
                p.First * (Dot(p.Second, point) - norm) <= 0.02 * scale, $"λ = {p.First} on a vector off the face"));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_vectors_and_vectors_of_two_lengths_are_refused()
    {
        Assert.Throws<ArgumentException>(() => MinimumNorm.Solve([]));
        Assert.Throws<ArgumentException>(() => MinimumNorm.Solve([[1], [1, 2]]));
    }

    [Theory]
    [InlineData(GradientNormalisation.L2)]
    [InlineData(GradientNormalisation.Loss)]
    [InlineData(GradientNormalisation.LossPlus)]
    [InlineData(GradientNormalisation.None)]
    public async Task Equal_gradients_give_the_step_of_Bradley_and_Terry(GradientNormalisation normalisation)
    {
        // Three data sets with the very same pairs: whatever λ is, K·Σ λ_i·L_i / K·… is the mean loss.
        TokenPair[] pairs = [new([], [0], [1]), new([], [2], [3])];
        var order = PairOrder.Balanced([pairs, pairs, pairs], 2, seed: 0);
        var same = (int step) => (IReadOnlyList<TokenPair>)[.. order(step).OrderBy(p => p.Source).ThenBy(p => p.Chosen[0])];
        var plain = await Head(same, null);
        var more = await Head(same, new MoreOptions { Sources = 3, Normalisation = normalisation });
        Assert.Equal(plain, more, (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public async Task A_batch_of_one_data_set_learns_as_without_MORE()
    {
        var order = PairOrder.Mixed([new TokenPair([], [0], [1]), new TokenPair([], [2], [3])], 2, seed: 0);
        Assert.Equal(await Head(order, null), await Head(order, new MoreOptions { Sources = 4 }), Near);
    }

    [Fact]
    public async Task Every_lambda_that_is_logged_lies_on_the_simplex()
    {
        var random = new Random(1);
        var sources = Enumerable.Range(0, 3).Select(_ => (IReadOnlyList<TokenPair>)[.. Enumerable.Range(0, 12)
            .Select(_ => new TokenPair([], [random.Next(6)], [random.Next(6)]))]).ToArray();
        var collected = new Collected();
        await Head(PairOrder.Balanced(sources, 2, 1), new MoreOptions { Sources = 3 }, collected, steps: 30);
        Assert.Equal(30, collected.All.Count);
        Assert.All(collected.All, m =>
        {
            var lambda = Enumerable.Range(0, 3).Select(k => m[MetricNames.Lambda + k]).ToArray();
            Assert.All(lambda, l => Assert.InRange(l, 0, 1));
            Assert.Equal(1, lambda.Sum(), 1e-9);
        });
    }

    [Fact]
    public void Momentum_weighs_the_new_gradient()
    {
        // Features e1 and e2 of a zero head: the first batch pulls along e1, the second along e2.
        using var network = Network(headDeviation: 0);
        var weights = new MoreWeights(
            new MoreOptions { Sources = 2, Momentum = 0.75, Normalisation = GradientNormalisation.None }, network);
        _ = Lambda(weights, network, [new([], [0], [5]) { Source = 0 }, new([], [0], [5]) { Source = 1 }]);
        // Source 1 now has m = ¼·e1 + ¾·e2 (times −½), source 0 still e1: the shortest mix is found by the pair form.
        var lambda = Lambda(weights, network, [new([], [0], [5]) { Source = 0 }, new([], [1], [5]) { Source = 1 }]);
        var (a, b, c) = (1.0, 0.25, 0.0625 + 0.5625);
        Assert.Equal((c - b) / (a + c - 2 * b), lambda[0], 1e-6);
    }

    [Fact]
    public void A_pair_of_an_unknown_source_is_refused()
    {
        using var network = Network();
        var weights = new MoreWeights(new MoreOptions { Sources = 2 }, network);
        Assert.Throws<ArgumentException>(() => Lambda(weights, network, [new([], [0], [1]) { Source = 2 }]));
    }

    private static bool Near(float a, float b) => Math.Abs(a - b) < 1e-6;

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double[][] Identity(int size, params double[] scales) =>
        [.. Enumerable.Range(0, size).Select(i => Enumerable.Range(0, size).Select(j => i == j ? scales[i] : 0).ToArray())];

    // Rows 0 to 4 are unit vectors or random, row 5 is zero.
    private FeatureReward Network(double headDeviation = 0.3) =>
        new(backend, [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 0, 0, 1, 2, 0, 0, 0], 3, seed: 2, headDeviation);

    private static double[] Lambda(MoreWeights weights, FeatureReward network, TokenPair[] pairs)
    {
        using var tape = new Tape(network.Backend, recording: false);
        var batch = PairBatch.Pack(pairs);
        weights.PairWeights(network.Features(tape, batch.Sequences), batch, TinyReward.Options());
        return weights.Lambda;
    }

    private async Task<float[]> Head(
        Func<int, IReadOnlyList<TokenPair>> pairs, MoreOptions? more, Collected? progress = null, int steps = 5)
    {
        using var network = Network();
        await RewardTraining.RunAsync(network, pairs, TinyReward.Options(steps) with { More = more }, progress: progress);
        return network.Head.ToArray();
    }
}
