using System.Diagnostics;
using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Tensors.Benchmarks;

/// <summary>One product timed: c = a·b with a m × k and b k × n.</summary>
/// <param name="Rows">m</param>
/// <param name="Columns">n</param>
/// <param name="Depth">k</param>
/// <param name="Threads">Threads that compute at once.</param>
/// <param name="Packed">b was packed ahead, as weights are; otherwise packing counts.</param>
/// <param name="GigaFlops">2·m·n·k operations over the best time, in 10⁹ a second.</param>
/// <param name="OpenBlasGigaFlops">The same of OpenBLAS's sgemm; null where it is not installed.</param>
public sealed record GemmMeasurement(
    int Rows, int Columns, int Depth, int Threads, bool Packed, double GigaFlops, double? OpenBlasGigaFlops)
{
    /// <summary>Our speed as a multiple of OpenBLAS's.</summary>
    public double? Ratio => GigaFlops / OpenBlasGigaFlops;
}

/// <summary>Times matrix products of the CPU backend, beside OpenBLAS where the machine has it.</summary>
public static class GemmBenchmark
{
    private const double SecondsPerMeasurement = 0.25;

    /// <summary>Square products, and those of decoding and of small batches.</summary>
    public static IReadOnlyList<(int Rows, int Columns, int Depth)> DefaultShapes { get; } =
        [(512, 512, 512), (1024, 1024, 1024), (1, 512, 192), (1, 2048, 192), (32, 2048, 192), (512, 16, 192)];

    /// <summary>Times every shape, packed ahead and packed in the call; about half a second each.</summary>
    /// <param name="threads">Threads that compute at once; 0 for every processor.</param>
    /// <param name="shapes">What to time; null for <see cref="DefaultShapes"/>.</param>
    /// <param name="instructionSet">Instructions to use.</param>
    /// <param name="cancellationToken">Checked between measurements.</param>
    public static IEnumerable<GemmMeasurement> Run(
        int threads = 1,
        IReadOnlyList<(int Rows, int Columns, int Depth)>? shapes = null,
        InstructionSet instructionSet = InstructionSet.Auto,
        CancellationToken cancellationToken = default)
    {
        using var backend = CpuBackend.Create(new CpuOptions { Threads = threads, InstructionSet = instructionSet });
        using var openBlas = OpenBlas.TryLoad(backend.Threads);
        foreach (var (rows, columns, depth) in shapes ?? DefaultShapes)
        {
            foreach (var packed in new[] { true, false })
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return Measure(backend, openBlas, rows, columns, depth, packed);
            }
        }
    }

    private static GemmMeasurement Measure(
        CpuBackend backend, OpenBlas? openBlas, int rows, int columns, int depth, bool packed)
    {
        using var a = Random(backend, rows, depth);
        using var weights = Random(backend, columns, depth);
        using var c = backend.Allocate((long)rows * columns);
        var (left, right) = (new Block(a, 0, rows, depth), new Block(weights, 0, columns, depth));
        var result = new Block(c, 0, rows, columns);
        using var matrix = backend.Pack(right);
        var operations = 2.0 * rows * columns * depth;
        var ours = operations / Fastest(() =>
        {
            if (packed)
                backend.MatMulPacked(left, matrix, result);
            else
                backend.MatMul(left, false, right, true, result);
        }) / 1e9;
        var theirs = openBlas is null
            ? (double?)null
            : operations / Fastest(() => openBlas.Multiply(left, right, result)) / 1e9;
        return new GemmMeasurement(rows, columns, depth, backend.Threads, packed, ours, theirs);
    }

    private static CpuStorage Random(CpuBackend backend, int rows, int columns)
    {
        var random = new Random(rows * 31 + columns);
        var storage = backend.Allocate((long)rows * columns);
        backend.Upload([.. Enumerable.Range(0, rows * columns).Select(_ => random.NextSingle() - 0.5f)], storage);
        return (CpuStorage)storage;
    }

    /// <summary>The best time of one call in seconds, over groups of calls long enough for the clock.</summary>
    private static double Fastest(Action call)
    {
        call();
        var watch = Stopwatch.StartNew();
        call();
        var calls = (int)Math.Clamp(0.002 / Math.Max(watch.Elapsed.TotalSeconds, 1e-7), 1, 100_000);
        var best = double.PositiveInfinity;
        var total = Stopwatch.StartNew();
        while (total.Elapsed.TotalSeconds < SecondsPerMeasurement)
        {
            watch.Restart();
            for (var i = 0; i < calls; i++)
                call();
            best = Math.Min(best, watch.Elapsed.TotalSeconds / calls);
        }

        return best;
    }
}
