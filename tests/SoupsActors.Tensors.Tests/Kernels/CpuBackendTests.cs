using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Tensors.Tests.Kernels;

public sealed class CpuBackendTests
{
    [Fact]
    public void Auto_takes_the_widest_instructions_and_every_processor()
    {
        using var backend = CpuBackend.Create();
        Assert.NotEqual(InstructionSet.Auto, backend.InstructionSet);
        Assert.Equal(Environment.ProcessorCount, backend.Threads);
        Assert.All(
            Enum.GetValues<InstructionSet>(),
            set => Assert.True(set <= backend.InstructionSet || !CpuBackend.IsSupported(set)));
    }

    [Fact]
    public void An_instruction_set_that_the_machine_lacks_is_refused_by_name()
    {
        var missing = Enum.GetValues<InstructionSet>()
            .FirstOrDefault(set => !CpuBackend.IsSupported(set), (InstructionSet)99);
        var error = Assert.Throws<PlatformNotSupportedException>(
            () => CpuBackend.Create(new CpuOptions { InstructionSet = missing }));
        Assert.Contains(missing.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains("Scalar", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shapes_that_do_not_match_name_the_argument_and_both_shapes()
    {
        using var backend = CpuBackend.Create(new CpuOptions { Threads = 1 });
        using var storage = backend.Allocate(100);
        var (a, b) = (new Block(storage, 0, 2, 3), new Block(storage, 10, 4, 5));
        var error = Assert.Throws<ArgumentException>(
            () => backend.MatMul(a, false, b, false, new Block(storage, 50, 2, 5)));
        Assert.Equal("b", error.ParamName);
        Assert.Contains("4 × 5", error.Message, StringComparison.Ordinal);
        Assert.Contains("3 × 5", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Blocks_outside_their_storage_of_another_backend_or_of_another_type_are_refused()
    {
        using var backend = CpuBackend.Create(new CpuOptions { Threads = 1 });
        using var other = CpuBackend.Create(new CpuOptions { Threads = 1 });
        using var storage = backend.Allocate(100);
        using var foreign = other.Allocate(100);
        using var half = backend.Allocate(100, ElementType.Float16);
        Assert.Throws<ArgumentException>(() => backend.Fill(new Block(storage, 1, 10, 10), 0));
        Assert.Throws<ArgumentException>(() => backend.Fill(new Block(storage, -1, 1, 1), 0));
        Assert.Throws<ArgumentException>(() => backend.Fill(new Block(storage, 0, 2, 10, 9), 0));
        Assert.Throws<ArgumentException>(() => backend.Fill(new Block(foreign, 0, 1, 1), 0));
        Assert.Throws<ArgumentException>(() => backend.Fill(new Block(half, 0, 1, 1), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => backend.Upload(new float[5], storage, 96));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => backend.GatherRows(new Block(storage, 0, 2, 2), [2], new Block(storage, 50, 1, 2)));
    }

    [Fact]
    public void A_disposed_storage_is_refused()
    {
        using var backend = CpuBackend.Create(new CpuOptions { Threads = 1 });
        var storage = backend.Allocate(10);
        storage.Dispose();
        storage.Dispose();
        Assert.Throws<ObjectDisposedException>(() => backend.Fill(new Block(storage, 0, 1, 10), 1f));
    }

    [Theory]
    [InlineData(ElementType.Float16, 1.0 / 2048)]
    [InlineData(ElementType.BFloat16, 1.0 / 256)]
    public void Short_types_round_to_the_nearest(ElementType type, double bound)
    {
        using var backend = CpuBackend.Create(new CpuOptions { Threads = 1 });
        var random = new Random(1);
        var numbers = Enumerable.Range(0, 1003).Select(_ => (random.NextSingle() - 0.5f) * 100).ToArray();
        using var storage = backend.Allocate(numbers.Length, type);
        backend.Upload(numbers, storage);
        var back = new float[numbers.Length];
        backend.Download(storage, 0, back);
        for (var i = 0; i < back.Length; i++)
        {
            Assert.InRange(Math.Abs(back[i] - numbers[i]), 0, bound * Math.Abs(numbers[i]) + 1e-7);
            Assert.Equal(SoupsActors.Testing.ReferenceBackend.Round(numbers[i], type), back[i]);
        }

        backend.Upload(back, storage);
        var again = new float[numbers.Length];
        backend.Download(storage, 0, again);
        Assert.Equal(back, again);
    }

    [Fact]
    public void A_decoding_step_makes_no_garbage()
    {
        using var backend = CpuBackend.Create(new CpuOptions { Threads = 2 });
        const int Width = 512;
        using var memory = backend.Allocate(20 * Width);
        using var weights = backend.Allocate(Width * Width);
        using var packed = backend.Pack(new Block(weights, 0, Width, Width));
        using var cache = backend.AllocateKvCache(new KvCacheShape(1, 8, 16, 8, 64));
        var (x, y) = (new Block(memory, 0, 4, Width), new Block(memory, 4 * Width, 4, Width));
        var gain = new Block(memory, 8 * Width, 1, Width);
        var scale = new Block(memory, 9 * Width, 4, 1);
        var table = new Block(memory, 10 * Width, 8, 64);
        int[] rows = [0, 1, 2, 3], slots = [0, 16, 32, 48], lengths = [1, 1, 1, 1];
        var shape = new AttentionShape(8, 8, 64, 0.1f);
        Step();

        // The first wait for a worker that is late makes the object to wait on; what steps make shows in every round.
        Assert.Equal(0, Enumerable.Range(0, 5).Min(_ => Round()));

        long Round()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 20; i++)
                Step();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void Step()
        {
            backend.GatherRows(new Block(weights, 0, Width, Width), rows, x);
            backend.RmsNorm(x, gain, 1e-5f, y, scale);
            backend.MatMulPacked(y, packed, x);
            backend.Rotate(x, 8, rows, table);
            backend.WriteKv(cache, 0, x, y, slots);
            backend.PagedAttention(x, cache, 0, shape, rows, lengths, rows, 1, y);
            backend.SiluGate(x, y, x);
            backend.AddScaled(0.5f, y, x);
            backend.Binary(BinaryOp.Add, x, y, x);
        }
    }

    [Fact]
    public void Several_callers_at_once_get_the_results_of_one()
    {
        using var backend = CpuBackend.Create(new CpuOptions { Threads = 3 });
        const int Size = 96;
        using var a = backend.Allocate(Size * Size);
        backend.Upload([.. Enumerable.Range(0, Size * Size).Select(i => (float)Math.Sin(i))], a);
        var results = new float[8][];
        Parallel.For(0, results.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            using var c = backend.Allocate(Size * Size);
            for (var repeat = 0; repeat < 50; repeat++)
                backend.MatMul(Matrix(a), false, Matrix(a), true, Matrix(c));
            results[i] = new float[Size * Size];
            backend.Download(c, 0, results[i]);
        });
        Assert.All(results, r => Assert.Equal(results[0], r));

        static Block Matrix(Storage storage) => new(storage, 0, Size, Size);
    }
}
