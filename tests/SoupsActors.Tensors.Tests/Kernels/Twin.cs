using SoupsActors.Tensors.Cpu;
using SoupsActors.Testing;

namespace SoupsActors.Tensors.Tests.Kernels;

/// <summary>
/// Runs a kernel on the same random blocks with the fast backend and with the reference. Blocks lie strided inside larger
/// storages, and whole storages are compared, so that a kernel that writes past a row is found.
/// </summary>
internal sealed class Twin(CpuBackend fast, int seed) : IDisposable
{
    private const int Gap = 3;
    private const int Before = 5;

    private readonly ReferenceBackend reference = new();

    public Random Random { get; } = new(seed);

    /// <summary>What random inputs are drawn from; the default is −2 … 2.</summary>
    public Func<Random, float> Input { get; init; } = random => random.NextSingle() * 4 - 2;

    public double Tolerance { get; init; } = 2e-5;

    public void Check(Action<Backend, Block[]> kernel, params (int Rows, int Columns)[] shapes) =>
        Check((backend, blocks) =>
        {
            kernel(backend, blocks);
            return 0;
        }, shapes);

    public void Check<T>(Func<Backend, Block[], T> kernel, params (int Rows, int Columns)[] shapes)
    {
        var contents = shapes.Select(shape => Numbers((shape.Rows * (shape.Columns + Gap)) + Before)).ToArray();
        var expected = Run(reference, kernel, shapes, contents);
        var actual = Run(fast, kernel, shapes, contents);
        Assert.Equal(expected.Result, actual.Result);
        for (var i = 0; i < shapes.Length; i++)
            AssertClose(expected.Contents[i], actual.Contents[i], $"block {i} of {shapes[i]}");
    }

    public float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => Input(Random))];

    public int[] Integers(int count, int limit, int lowest = 0) =>
        [.. Enumerable.Range(0, count).Select(_ => Random.Next(lowest, limit))];

    public void Dispose() => reference.Dispose();

    private static (float[][] Contents, T Result) Run<T>(
        Backend backend, Func<Backend, Block[], T> kernel, (int Rows, int Columns)[] shapes, float[][] contents)
    {
        var storages = contents.Select(c => backend.Allocate(c.Length)).ToArray();
        for (var i = 0; i < storages.Length; i++)
            backend.Upload(contents[i], storages[i]);
        var blocks = shapes
            .Select((s, i) => new Block(storages[i], Before, s.Rows, s.Columns, s.Columns + Gap))
            .ToArray();
        var result = kernel(backend, blocks);
        var after = contents.Select(c => new float[c.Length]).ToArray();
        for (var i = 0; i < storages.Length; i++)
        {
            backend.Download(storages[i], 0, after[i]);
            storages[i].Dispose();
        }

        return (after, result);
    }

    private void AssertClose(float[] expected, float[] actual, string what)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            if (expected[i].Equals(actual[i]))
                continue;
            var error = Math.Abs((double)expected[i] - actual[i]) / Math.Max(1, Math.Abs(expected[i]));
            Assert.True(error <= Tolerance, $"{what}, number {i}: expected {expected[i]:R}, got {actual[i]:R}");
        }
    }
}
