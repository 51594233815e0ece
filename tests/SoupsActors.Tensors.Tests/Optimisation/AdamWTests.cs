using SoupsActors.Testing;

namespace SoupsActors.Tensors.Tests.Optimisation;

public sealed class AdamWTests : IDisposable
{
    private readonly ReferenceBackend backend = new();

    public void Dispose() => backend.Dispose();

    [Fact]
    public void The_first_step_moves_by_the_learning_rate_and_decays_matrices_only()
    {
        using var matrix = new Parameter(backend, "matrix", 2, 1);
        using var vector = new Parameter(backend, "vector", 1, 2);
        matrix.Load([1f, 2f]);
        vector.Load([1f, 2f]);
        SetGradient(matrix, [0.5f, -0.25f]);
        SetGradient(vector, [0.5f, -0.25f]);
        using var adam = new AdamW(backend, [matrix, vector], new AdamWOptions { WeightDecay = 0.1f });

        var norm = adam.Step(0.01f);

        Assert.Equal(Math.Sqrt(2 * (0.25 + 0.0625)), norm, 6);
        Assert.Equal([1f - 0.01f - 0.001f, 2f + 0.01f - 0.002f], matrix.ToArray(), Close);
        Assert.Equal([1f - 0.01f, 2f + 0.01f], vector.ToArray(), Close);
    }

    [Fact]
    public void Clipping_makes_two_gradients_of_one_direction_the_same_step()
    {
        Assert.Equal(AfterTwoSteps(10f), AfterTwoSteps(1000f), Close);
        Assert.NotEqual(AfterTwoSteps(0.1f)[0], AfterTwoSteps(0.5f)[0]);

        float[] AfterTwoSteps(float size)
        {
            using var w = new Parameter(backend, "w", 1, 2);
            using var adam = new AdamW(backend, [w], new AdamWOptions { MaxGradientNorm = 1f, Epsilon = 0.1f });
            for (var i = 0; i < 2; i++)
            {
                SetGradient(w, [3f * size, 4f * size]);
                adam.Step(0.1f);
            }

            return w.ToArray();
        }
    }

    [Fact]
    public void A_gradient_that_is_not_finite_changes_nothing()
    {
        using var w = new Parameter(backend, "w", 1, 2);
        using var adam = new AdamW(backend, [w], new AdamWOptions());
        SetGradient(w, [float.NaN, 1f]);
        Assert.Throws<DivergedException>(() => adam.Step(0.1f));
        Assert.Equal([0f, 0f], w.ToArray());
        Assert.Equal(0, adam.StepsTaken);
    }

    [Fact]
    public void Restored_moments_continue_to_the_bit()
    {
        using var undisturbed = new Parameter(backend, "w", 1, 2);
        using var adam = new AdamW(backend, [undisturbed], new AdamWOptions());
        Train(undisturbed, adam, 0, 6);

        using var first = new Parameter(backend, "w", 1, 2);
        using var before = new AdamW(backend, [first], new AdamWOptions());
        Train(first, before, 0, 3);
        var saved = before.SaveMoments().ToDictionary(m => m.Name, m => (m.First, m.Second));
        using var second = new Parameter(backend, "w", 1, 2);
        second.Load(first.ToArray());
        using var after = new AdamW(backend, [second], new AdamWOptions());
        after.LoadMoments(before.StepsTaken, name => saved[name]);
        Train(second, after, 3, 6);

        Assert.Equal(undisturbed.ToArray(), second.ToArray());

        void Train(Parameter w, AdamW optimiser, int from, int to)
        {
            for (var i = from; i < to; i++)
            {
                SetGradient(w, [MathF.Sin(i), MathF.Cos(i)]);
                optimiser.Step(0.05f);
            }
        }
    }

    [Fact]
    public void A_frozen_parameter_is_refused()
    {
        using var frozen = new Parameter(backend, "frozen", 1, 1, trained: false);
        var error = Assert.Throws<ArgumentException>(() => new AdamW(backend, [frozen], new AdamWOptions()));
        Assert.Contains("frozen", error.Message, StringComparison.Ordinal);
    }

    private static bool Close(float a, float b) => Math.Abs(a - b) < 1e-5f;

    private void SetGradient(Parameter parameter, float[] numbers) =>
        backend.Upload(numbers, parameter.Gradient!.Value.Storage);
}
