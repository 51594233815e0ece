using SoupsActors.Testing;

namespace SoupsActors.Tensors.Tests.Autograd;

/// <summary>Compares the tape's gradients with central differences, every element of every parameter.</summary>
internal static class GradientCheck
{
    private const float Step = 1e-2f;

    /// <summary>Checks a function of parameters; its result of any shape is weighted with fixed random numbers.</summary>
    public static void Run(Func<Tape, Tensor[], Tensor> function, params (int Rows, int Columns)[] shapes) =>
        Run(function, (_, random) => (float)(random.NextDouble() * 2 - 1), shapes);

    public static void Run(
        Func<Tape, Tensor[], Tensor> function, Func<int, Random, float> draw, params (int Rows, int Columns)[] shapes)
    {
        using var backend = new ReferenceBackend();
        var random = new Random(7);
        var parameters = shapes
            .Select((s, i) => new Parameter(backend, $"p{i}", s.Rows, s.Columns))
            .ToArray();
        for (var i = 0; i < parameters.Length; i++)
        {
            var index = i;
            parameters[i].Load([.. Enumerable.Range(0, (int)parameters[i].Length).Select(_ => draw(index, random))]);
        }

        using var tape = new Tape(backend);
        tape.Backward(WeightedSum(tape, function(tape, [.. parameters.Select(tape.Use)])));
        tape.Reset();

        foreach (var parameter in parameters)
        {
            var values = parameter.ToArray();
            var gradient = new float[values.Length];
            backend.Download(parameter.Gradient!.Value.Storage, 0, gradient);
            for (var i = 0; i < values.Length; i++)
            {
                var expected = (Evaluate(+Step) - Evaluate(-Step)) / (2 * Step);
                Assert.True(
                    Math.Abs(expected - gradient[i]) <= 2e-2 * Math.Max(1, Math.Abs(expected)),
                    $"{parameter.Name}[{i}]: finite difference {expected}, tape {gradient[i]}");

                double Evaluate(float offset)
                {
                    var moved = (float[])values.Clone();
                    moved[i] += offset;
                    parameter.Load(moved);
                    using var plain = new Tape(backend, recording: false);
                    var result = WeightedSum(plain, function(plain, [.. parameters.Select(plain.Use)])).ToScalar();
                    parameter.Load(values);
                    return result;
                }
            }

            parameter.Dispose();
        }
    }

    private static Tensor WeightedSum(Tape tape, Tensor y)
    {
        var random = new Random(11);
        var weights = Enumerable.Range(0, y.Rows * y.Columns).Select(_ => (float)(random.NextDouble() * 2 - 1)).ToArray();
        return (y * tape.Constant(weights, y.Rows, y.Columns)).Sum();
    }
}
