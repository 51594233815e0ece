using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rewards;
using SoupsActors.Tensors;
using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Learning.Tests.Rewards;

public sealed class PreferenceStrengthTests : IDisposable
{
    private const int Features = 16;
    private const int TrainingPairs = 160;
    private const int HeldOutPairs = 400;
    private const double WrongLabels = 0.2;

    private readonly CpuBackend backend = CpuBackend.Create(new CpuOptions { Threads = 1 });

    public void Dispose() => backend.Dispose();

    [Fact]
    public void Strength_is_mean_and_deviation_of_the_members_differences()
    {
        var strength = PreferenceStrength.Of([1, 3, -1]);
        Assert.Equal(1, strength.Mean, 12);
        Assert.Equal(Math.Sqrt(8 / 3.0), strength.StandardDeviation, 12);
    }

    [Fact]
    public void Only_the_lowest_share_is_flipped_and_only_where_it_is_negative()
    {
        var strengths = Strengths(0.5, -3, -1, -2, 4);
        Assert.Equal([1, 3], LabelDenoising.Doubtful(strengths, 0.4));
        Assert.Equal([1, 3, 2], LabelDenoising.Doubtful(strengths, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => LabelDenoising.Doubtful(strengths, 1.1));
    }

    [Fact]
    public void Flip_smoothing_and_margin_combine()
    {
        TokenPair[] pairs = [new([], [0], [1]), new([], [2], [3]), new([], [4], [5])];
        var cleaned = LabelDenoising.Apply(pairs, Strengths(-2, 1.5, -1), new DenoisingOptions
        {
            FlipShare = 0.34,
            SmoothNegative = 0.1,
            AdaptiveMargin = true,
        });
        Assert.Equal([1, 2, 4], cleaned.Select(p => p.Chosen[0]));
        Assert.Equal([2f, 1.5f, -1f], cleaned.Select(p => p.Margin));
        Assert.Equal([1f, 1f, 0.9f], cleaned.Select(p => p.ChosenProbability));
        Assert.Equal(pairs, LabelDenoising.Apply(pairs, Strengths(-2, 1.5, -1), new DenoisingOptions()));
    }

    [Fact]
    public async Task An_ensemble_finds_wrong_labels_and_flipping_them_raises_the_accuracy_on_right_ones()
    {
        double before = 0, after = 0;
        for (var seed = 0; seed < 5; seed++)
        {
            var problem = new NoisyProblem(seed);
            var members = new List<FeatureReward>();
            for (var m = 0; m < 5; m++)
                members.Add(await Train(problem, problem.Training, m));
            var strengths = PreferenceStrength.Measure(members, problem.Training, TestContext.Current.CancellationToken);
            var area = AreaUnderCurve(strengths, problem.Wrong);
            Assert.True(area >= 0.8, $"seed {seed}: area under the curve {area}");

            var flipped = LabelDenoising.Apply(
                problem.Training, strengths, new DenoisingOptions { FlipShare = WrongLabels });
            using var cleaned = await Train(problem, flipped, 0);
            before += RewardReport.Of(members[0], problem.HeldOut).Accuracy / 5;
            after += RewardReport.Of(cleaned, problem.HeldOut).Accuracy / 5;
            members.ForEach(m => m.Dispose());
        }

        Assert.True(after > before, $"accuracy on right labels went from {before} to {after}");
    }

    private static PreferenceStrength[] Strengths(params double[] means) =>
        [.. means.Select(m => new PreferenceStrength(m, 0))];

    /// <summary>Probability that a wrong label has a lower strength than a right one.</summary>
    private static double AreaUnderCurve(PreferenceStrength[] strengths, bool[] wrong)
    {
        var bad = strengths.Where((_, i) => wrong[i]).ToArray();
        var good = strengths.Where((_, i) => !wrong[i]).ToArray();
        return bad.Average(b => good.Average(g => b.Mean < g.Mean ? 1.0 : 0));
    }

    private async Task<FeatureReward> Train(NoisyProblem problem, IReadOnlyList<TokenPair> pairs, int member)
    {
        var network = new FeatureReward(backend, problem.Table, Features, seed: member, headDeviation: 0.3);
        var options = new RewardTrainingOptions
        {
            Steps = 60,
            Schedule = new LearningRateSchedule(ScheduleKind.Linear, 0.1, 60),
            BatchPairs = 16,
        }.ForMember(member);
        await RewardTraining.RunAsync(
            network, PairOrder.Mixed(pairs, 16, options.Seed), options, cancellation: TestContext.Current.CancellationToken);
        return network;
    }

    /// <summary>Pairs ordered by a linear rule, a fifth of the training labels swapped.</summary>
    private sealed class NoisyProblem
    {
        public NoisyProblem(int seed)
        {
            var random = new Random(seed);
            var rule = Enumerable.Range(0, Features).Select(_ => random.NextDouble() - 0.5).ToArray();
            var count = TrainingPairs + HeldOutPairs;
            Table = [.. Enumerable.Range(0, 2 * count * Features).Select(_ => (float)(random.NextDouble() * 2 - 1))];
            TokenPair[] pairs = [.. Enumerable.Range(0, count).Select(i => Reward(2 * i) > Reward(2 * i + 1)
                ? new TokenPair([], [2 * i], [2 * i + 1])
                : new TokenPair([], [2 * i + 1], [2 * i]))];
            Wrong = [.. Enumerable.Range(0, TrainingPairs).Select(_ => random.NextDouble() < WrongLabels)];
            Training = [.. pairs.Take(TrainingPairs).Select((p, i) => Wrong[i] ? p.Flipped() : p)];
            HeldOut = pairs[TrainingPairs..];

            double Reward(int row) => Enumerable.Range(0, Features).Sum(j => rule[j] * Table[row * Features + j]);
        }

        public float[] Table { get; }

        public bool[] Wrong { get; }

        public TokenPair[] Training { get; }

        public TokenPair[] HeldOut { get; }
    }
}
