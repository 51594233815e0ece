using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Serving.Sampling;

namespace SoupsActors.Serving.Tests.Sampling;

public sealed class SamplerTests
{
    private static readonly SamplingOptions Greedy = new() { Temperature = 0 };

    [Fact]
    public void Greedy_takes_the_largest_and_of_equals_the_first()
    {
        Assert.Equal(2, Sample([1, 3, 5, 4], Greedy));
        Assert.Equal(1, Sample([1, 5, 5, 5], Greedy));
        Assert.Equal(0, Sample([-0f, 0f, -1], Greedy));
    }

    [Fact]
    public void Bias_comes_before_the_choice()
    {
        var bias = new Dictionary<int, float> { [0] = 10, [2] = -100 };
        Assert.Equal(0, Sample([1, 3, 5], Greedy with { LogitBias = bias }));
    }

    [Fact]
    public void Repetition_penalty_divides_positive_and_multiplies_negative_logits_once_per_token()
    {
        var options = Greedy with { RepetitionPenalty = 2 };
        Assert.Equal(1, Sample([4, 2.5f, 0], options, [0]));
        Assert.Equal(0, Sample([4, 1.5f, 0], options, [0, 0, 0]));
        Assert.Equal(1, Sample([-1, -1.5f], options, [0]));
    }

    [Fact]
    public void Penalty_applies_after_the_bias()
    {
        var options = Greedy with { RepetitionPenalty = 2, LogitBias = new Dictionary<int, float> { [0] = 4 } };
        Assert.Equal(1, Sample([0, 3], options, [0]));
    }

    [Fact]
    public void No_ngram_occurs_twice()
    {
        var options = Greedy with { NoRepeatNgram = 3 };
        Assert.Equal(1, Sample([0, 1, 5], options, [0, 1, 2, 0, 1]));
        Assert.Equal(2, Sample([0, 1, 5], options, [0, 1]));
        Assert.Equal(1, Sample([5, 1, 2], Greedy with { NoRepeatNgram = 1 }, [0, 2]));
    }

    [Fact]
    public void Rules_that_leave_no_token_are_an_error()
    {
        var error = Assert.Throws<GenerationFailedException>(
            () => Sample([1, 2], Greedy with { NoRepeatNgram = 1 }, [0, 1]));
        Assert.Contains("NoRepeatNgram", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Logits_that_are_not_numbers_are_an_error_even_where_a_rule_hides_them(float bad)
    {
        Assert.Throws<GenerationFailedException>(() => Sample([1, bad, 2], new SamplingOptions()));
        Assert.Throws<GenerationFailedException>(() => Sample([1, bad, 2], Greedy with { NoRepeatNgram = 1 }, [1]));
    }

    [Fact]
    public void Top_k_keeps_the_lowest_ids_of_equal_logits() =>
        Assert.Equal([0, 1], Support([1, 1, 1, 1], new SamplingOptions { TopK = 2 }));

    [Fact]
    public void Top_p_keeps_the_token_that_crosses_the_threshold()
    {
        float[] logits = [MathF.Log(0.1f), MathF.Log(0.5f), MathF.Log(0.3f), MathF.Log(0.1f)];
        Assert.Equal([1], Support(logits, new SamplingOptions { TopP = 0.4f }));
        Assert.Equal([1, 2], Support(logits, new SamplingOptions { TopP = 0.6f }));
        Assert.Equal([0, 1, 2], Support(logits, new SamplingOptions { TopP = 0.85f }));
    }

    [Fact]
    public void Top_p_counts_what_top_k_left()
    {
        float[] logits = [MathF.Log(0.4f), MathF.Log(0.3f), MathF.Log(0.3f)];
        Assert.Equal([0], Support(logits, new SamplingOptions { TopK = 2, TopP = 0.5f }));
        Assert.Equal([0, 1], Support(logits, new SamplingOptions { TopP = 0.5f }));
    }

    [Fact]
    public void Min_p_is_relative_to_the_most_likely()
    {
        float[] logits = [MathF.Log(0.6f), MathF.Log(0.31f), MathF.Log(0.09f)];
        Assert.Equal([0, 1], Support(logits, new SamplingOptions { MinP = 0.5f }));
        Assert.Equal([0, 1], Support(logits, new SamplingOptions { MinP = 0.5f, TopK = 3, TopP = 0.99f }));
    }

    [Theory]
    [InlineData(1e-38f)]
    [InlineData(3e38f)]
    public void Extreme_temperatures_stay_finite(float temperature)
    {
        var support = Support([1, 2, 3], new SamplingOptions { Temperature = temperature, TopP = 0.999f });
        Assert.Equal(temperature < 1 ? [2] : [0, 1, 2], support);
    }

    [Fact]
    public void Frequencies_follow_the_softmax_at_the_temperature()
    {
        float[] logits = [0, 1, 2, -1];
        var options = new SamplingOptions { Temperature = 0.7f };
        var counts = Counts(logits, options, draws: 20_000);
        var weights = logits.Select(l => Math.Exp(l / 0.7)).ToArray();
        var chiSquare = Enumerable.Range(0, 4).Sum(i =>
        {
            var expected = 20_000 * weights[i] / weights.Sum();
            return (counts[i] - expected) * (counts[i] - expected) / expected;
        });
        // The 99.9 % quantile with three degrees of freedom; the draws are fixed by their seeds.
        Assert.InRange(chiSquare, 0, 16.27);
    }

    [Fact]
    public void A_draw_depends_on_seed_and_index_alone()
    {
        Assert.Equal(CounterRandom.Uniform(5, 3), CounterRandom.Uniform(5, 3));
        var draws = Enumerable.Range(0, 10_000).Select(i => CounterRandom.Uniform((ulong)(i / 100), i % 100)).ToArray();
        Assert.Equal(10_000, draws.Distinct().Count());
        Assert.InRange(draws.Average(), 0.49, 0.51);
    }

    [Fact]
    public void Random_options_agree_with_a_plain_sampler() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            float[] logits = [.. Enumerable.Range(0, random.Next(1, 200)).Select(_ => random.Next(-40, 40) / 8f)];
            int[] context = [.. Enumerable.Range(0, random.Next(20)).Select(_ => random.Next(logits.Length))];
            var options = new SamplingOptions
            {
                LogitBias = random.Next(2) == 0 ? [] : new Dictionary<int, float> { [random.Next(logits.Length)] = 3 },
                RepetitionPenalty = random.Next(2) == 0 ? 1 : 1.5f,
                NoRepeatNgram = random.Next(2) == 0 ? 0 : random.Next(2, 4),
                Temperature = random.Next(4) / 2f,
                TopK = random.Next(2) == 0 ? 0 : random.Next(1, 220),
                TopP = random.Next(2) == 0 ? 1 : random.Next(1, 100) / 100f,
                MinP = random.Next(2) == 0 ? 0 : random.Next(0, 100) / 100f,
                Seed = (ulong)seed,
            };
            var kept = PlainSampler.Kept(logits, options, context);
            if (kept.Count == 0)
            {
                // A small vocabulary can be banned away.
                Assert.Throws<GenerationFailedException>(() => Sample(logits, options, context, index: 5));
                return;
            }

            Assert.Equal(
                PlainSampler.Draw(kept, CounterRandom.Uniform((ulong)seed, 5), options is { TopK: 0, TopP: 1 }),
                Sample(logits, options, context, index: 5));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Log_probabilities_are_those_of_the_raw_logits()
    {
        float[] logits = [1, 3, 2, 3];
        var sum = Math.Log(logits.Sum(l => Math.Exp(l)));
        var (chosen, top) = new LogProbabilities(4).Measure(logits, token: 2, count: 3);
        Assert.Equal(new TokenLogProbability(2, (float)(2 - sum)), chosen);
        Assert.Equal([1, 3, 2], top.Select(t => t.Token));
        Assert.Equal((float)(3 - sum), top[0].LogProbability);
    }

    private static int Sample(float[] logits, SamplingOptions options, int[]? context = null, int index = 0) =>
        new Sampler(logits.Length).Sample(logits, new SamplingPlan(options, options.Seed ?? 0), context ?? [], index);

    private static int[] Counts(float[] logits, SamplingOptions options, int draws)
    {
        var sampler = new Sampler(logits.Length);
        var counts = new int[logits.Length];
        for (var seed = 0; seed < draws; seed++)
            counts[sampler.Sample(logits, new SamplingPlan(options, (ulong)seed), [], index: 0)]++;
        return counts;
    }

    private static int[] Support(float[] logits, SamplingOptions options) =>
        [.. Counts(logits, options, draws: 300).Index().Where(c => c.Item > 0).Select(c => c.Index)];
}
