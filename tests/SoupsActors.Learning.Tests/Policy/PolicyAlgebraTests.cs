using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Learning.Policy;
using SoupsActors.Tensors;
using SoupsActors.Testing;

namespace SoupsActors.Learning.Tests.Policy;

public sealed class PolicyAlgebraTests : IDisposable
{
    private readonly ReferenceBackend backend = new();
    private readonly Tape tape;

    public PolicyAlgebraTests() => tape = new Tape(backend);

    public void Dispose()
    {
        tape.Dispose();
        backend.Dispose();
    }

    [Fact]
    public void Running_moments_equal_those_of_two_passes_over_all_numbers()
    {
        var runs = Gen.Choose(-1000, 1000).Select(i => i / 7.0 + 50).ArrayOf().ListOf();
        Prop.ForAll(runs.ToArbitrary(), batches =>
        {
            var moments = new RunningMoments();
            foreach (var batch in batches)
                moments.Update(batch);
            double[] all = [.. batches.SelectMany(b => b)];
            var mean = all.Length == 0 ? 0 : all.Average();
            var variance = all.Length < 2 ? 0 : all.Sum(x => (x - mean) * (x - mean)) / (all.Length - 1);
            return moments.Count == all.Length
                && Math.Abs(moments.Mean - mean) < 1e-9
                && Math.Abs(moments.Variance - variance) < 1e-8 * (1 + variance);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Advantages_of_three_tokens_are_as_computed_by_hand()
    {
        // γ = 0.5, λ = 0.5. δ₃ = 3 − 1 = 2; δ₂ = 0 + 0.5·1 − 2 = −1.5; δ₁ = 1 + 0.5·2 − 4 = −2.
        // Â₃ = 2; Â₂ = −1.5 + 0.25·2 = −1; Â₁ = −2 + 0.25·(−1) = −2.25.
        var (advantages, returns) = GeneralizedAdvantage.Estimate([1, 0, 3], [4, 2, 1], discount: 0.5, lambda: 0.5);
        Assert.Equal([-2.25f, -1f, 2f], advantages);
        Assert.Equal([1.75f, 1f, 3f], returns);
    }

    [Fact]
    public void Advantages_equal_the_sum_over_all_later_errors()
    {
        var numbers = Gen.Choose(-100, 100).Select(i => i / 25f);
        var cases =
            from length in Gen.Choose(1, 12)
            from rewards in numbers.ArrayOf(length)
            from values in numbers.ArrayOf(length)
            from discount in Gen.Elements(0.0, 0.5, 0.9, 1.0)
            from lambda in Gen.Elements(0.0, 0.5, 0.95, 1.0)
            select (rewards, values, discount, lambda);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var (advantages, returns) = GeneralizedAdvantage.Estimate(c.rewards, c.values, c.discount, c.lambda);
            return Enumerable.Range(0, c.rewards.Length).All(t =>
            {
                var slow = 0.0;
                for (var l = t; l < c.rewards.Length; l++)
                {
                    var next = l + 1 < c.rewards.Length ? c.values[l + 1] : 0;
                    slow += Math.Pow(c.discount * c.lambda, l - t) * (c.rewards[l] + c.discount * next - c.values[l]);
                }

                return Math.Abs(advantages[t] - slow) < 1e-4 && Math.Abs(returns[t] - slow - c.values[t]) < 1e-4;
            });
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Whitened_advantages_have_mean_zero_and_variance_one_together()
    {
        float[][] advantages = [[1, 2, 3], [10], [-4, 7]];
        GeneralizedAdvantage.Whiten(advantages);
        double[] all = [.. advantages.SelectMany(a => a).Select(a => (double)a)];
        Assert.Equal(0, all.Average(), 1e-6);
        Assert.Equal(1, all.Sum(a => a * a) / (all.Length - 1), 1e-5);
        Assert.True(advantages[0][0] < advantages[0][1] && advantages[1][0] > advantages[1 + 1][1]);

        float[][] same = [[2, 2], [2]];
        GeneralizedAdvantage.Whiten(same);
        Assert.All(same.SelectMany(a => a), a => Assert.Equal(0, a));
    }

    [Fact]
    public void Clipped_advantages_stay_within_the_bound()
    {
        float[][] advantages = [[-3, 0.25f], [3]];
        GeneralizedAdvantage.Clip(advantages, 0.5);
        Assert.Equal([-0.5f, 0.25f, 0.5f], advantages.SelectMany(a => a));
    }

    [Theory]
    [InlineData(1.1f, 2f, -2.2f, -2f)] // within the clip: −A·ρ
    [InlineData(1.5f, 2f, -2.4f, 0f)] // a good token, already likelier: clipped, no gradient
    [InlineData(0.5f, -2f, 1.6f, 0f)] // a bad token, already less likely: clipped, no gradient
    [InlineData(1.5f, -2f, 3f, 2f)] // a bad token that became likelier: not clipped
    public void The_policy_loss_and_its_gradient_are_as_computed_by_hand(
        float ratio, float advantage, float loss, float gradient)
    {
        using var parameter = new Parameter(backend, "ratio", 1, 1);
        parameter.Load([ratio]);
        var result = PpoLosses.Policy(tape.Use(parameter), [advantage], clip: 0.2);
        Assert.Equal(loss, result.ToScalar(), 1e-5);
        tape.Backward(result);
        Assert.Equal(gradient, Gradient(parameter)[0], 1e-5);
    }

    [Theory]
    [InlineData(1.1f, 1f, 2f, 0.405f, -0.9f)] // within the clip: ½(1.1 − 2)²
    [InlineData(1.5f, 1f, 2f, 0.32f, 0f)] // nearer than the clip allows: ½(1.2 − 2)², no gradient
    [InlineData(1.5f, 1f, 0f, 1.125f, 1.5f)] // further away than the clipped value: ½·1.5²
    [InlineData(0.5f, 1f, 0f, 0.32f, 0f)] // clipped from below: ½·0.8²
    public void The_value_loss_and_its_gradient_are_as_computed_by_hand(
        float value, float old, float target, float loss, float gradient)
    {
        using var parameter = new Parameter(backend, "value", 1, 1);
        parameter.Load([value]);
        var result = PpoLosses.Value(tape.Use(parameter), [old], [target], clip: 0.2);
        Assert.Equal(loss, result.ToScalar(), 1e-5);
        tape.Backward(result);
        Assert.Equal(gradient, Gradient(parameter)[0], 1e-5);
    }

    [Fact]
    public void Without_a_clip_the_value_loss_is_half_the_squared_error()
    {
        var result = PpoLosses.Value(tape.Constant([1.5f, 3], 2, 1), [1, 1], [2, 2], clip: null);
        Assert.Equal((0.125f + 0.5f) / 2, result.ToScalar(), 1e-6);
    }

    [Fact]
    public void The_entropy_of_even_logits_is_the_logarithm_of_their_number() =>
        Assert.Equal(MathF.Log(5), PpoLosses.Entropy(tape.Constant(new float[10], 2, 5)).ToScalar(), 1e-5);

    [Theory]
    [InlineData(12, 0.2 * (1 + 0.2 * 64 / 1000))] // twice the target counts as a fifth too much
    [InlineData(6.6, 0.2 * (1 + 0.1 * 64 / 1000))]
    [InlineData(6, 0.2)]
    [InlineData(0, 0.2 * (1 - 0.2 * 64 / 1000))]
    public void An_adaptive_coefficient_follows_the_KL(double kl, double expected)
    {
        var controller = new KlController(0.2, new AdaptiveKl(Target: 6, Horizon: 1000));
        controller.Update(kl, answers: 64);
        Assert.Equal(expected, controller.Coefficient, 1e-12);
    }

    [Fact]
    public void A_fixed_coefficient_stays()
    {
        var controller = new KlController(0.2, null);
        controller.Update(100, 64);
        Assert.Equal(0.2, controller.Coefficient);
    }

    [Theory]
    [InlineData(ScoreScaling.None, 4.0)]
    [InlineData(ScoreScaling.Scaled, 2.0)]
    [InlineData(ScoreScaling.Normalised, 1.0)]
    public void Scores_are_scaled_by_the_running_moments(ScoreScaling scaling, double expected)
    {
        var moments = new RunningMoments();
        moments.Update([0, 2, 4]); // mean 2, deviation 2
        Assert.Equal(expected, RewardShaping.Scale(4, moments, scaling, clip: null).Score, 1e-12);
        Assert.Equal(0.5, RewardShaping.Scale(4, moments, scaling, clip: 0.5).Score);
    }

    [Fact]
    public void Scores_without_spread_are_not_blown_up()
    {
        var moments = new RunningMoments();
        moments.Update([3, 3]);
        Assert.Equal((3, 1), RewardShaping.Scale(3, moments, ScoreScaling.Scaled, clip: null));
        Assert.Equal((0, 1), RewardShaping.Scale(3, moments, ScoreScaling.Normalised, clip: null));
    }

    [Fact]
    public void The_penalty_is_at_every_token_and_the_score_at_the_last()
    {
        var rewards = RewardShaping.PerToken(
            [-1, -2], [-1.5f, -1], klCoefficient: 0.1, score: 3, tokens: [1, 2], factor: 0.5);
        Assert.Equal(-0.05 + 0.5, rewards[0], 1e-6);
        Assert.Equal(0.1 + 1 + 3, rewards[1], 1e-6);
    }

    private float[] Gradient(Parameter parameter)
    {
        var numbers = new float[parameter.Length];
        backend.Download(parameter.Gradient!.Value.Storage, 0, numbers);
        return numbers;
    }
}
