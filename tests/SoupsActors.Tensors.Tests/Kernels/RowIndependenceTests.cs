using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Tensors.Tests.Kernels;

/// <summary>Invariant 1: a row's bits depend on the row alone.</summary>
public sealed class RowIndependenceTests
{
    public static TheoryData<InstructionSet> Sets => InstructionSets.All;

    [Theory, MemberData(nameof(Sets))]
    public void A_row_of_a_packed_product_has_the_same_bits_in_any_batch(InstructionSet set)
    {
        using var fast = InstructionSets.Create(set);
        foreach (var (n, k) in new[] { (200, 64), (33, 17), (512, 1100) })
        {
            foreach (var type in Enum.GetValues<ElementType>())
            {
                using var weights = Fill(fast, n * k, 1);
                using var packed = fast.Pack(new Block(weights, 0, n, k), type);
                RowsAgree(fast, k, n, (x, y) => fast.MatMulPacked(x, packed, y));
            }
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void A_row_of_a_norm_softmax_or_reduction_has_the_same_bits_in_any_batch(InstructionSet set)
    {
        using var fast = InstructionSets.Create(set);
        foreach (var n in new[] { 1, 31, 64, 1003 })
        {
            using var gain = Fill(fast, n, 2);
            using var inverse = fast.Allocate(100);
            RowsAgree(fast, n, n, (x, y) =>
                fast.RmsNorm(x, new Block(gain, 0, 1, n), 1e-5f, y, new Block(inverse, 0, x.Rows, 1)));
            RowsAgree(fast, n, n, (x, y) => fast.Softmax(x, y));
            RowsAgree(fast, n, n, (x, y) => fast.Softmax(x, y, log: true));
            RowsAgree(fast, n, n, (x, y) => fast.SiluGate(x, x, y));
            RowsAgree(fast, n, n, (x, y) => fast.Unary(UnaryOp.Tanh, x, y));
            RowsAgree(fast, n, 1, (x, y) => fast.ReduceColumns(ReduceOp.LogSumExp, x, y));
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void A_function_gives_the_same_bits_in_the_body_and_in_the_tail(InstructionSet set)
    {
        using var fast = InstructionSets.Create(set);
        foreach (var op in Enum.GetValues<UnaryOp>())
        {
            var numbers = Enumerable.Repeat(0.7310f, 83).ToArray();
            using var storage = fast.Allocate(83);
            fast.Upload(numbers, storage);
            fast.Unary(op, new Block(storage, 0, 1, 83), new Block(storage, 0, 1, 83));
            fast.Download(storage, 0, numbers);
            Assert.Single(numbers.Distinct());
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void Decoding_and_prefill_in_any_chunks_agree_to_the_bit(InstructionSet set)
    {
        using var fast = InstructionSets.Create(set);
        var shape = new AttentionShape(4, 2, 32, 0.2f);
        using var cache = fast.AllocateKvCache(new KvCacheShape(1, 12, 16, 2, 32));
        const int Tokens = 150;
        using var keys = Fill(fast, Tokens * 64, 3);
        using var values = Fill(fast, Tokens * 64, 4);
        var table = new[] { 3, 1, 4, 0, 5, 9, 2, 6, 8, 7 };
        var slots = Enumerable.Range(0, Tokens).Select(t => table[t / 16] * 16 + t % 16).ToArray();
        fast.WriteKv(cache, 0, new Block(keys, 0, Tokens, 64), new Block(values, 0, Tokens, 64), slots);
        using var queries = Fill(fast, Tokens * 128, 5);
        var whole = Attend(Tokens);
        Assert.Equal(whole, Attend(1));
        Assert.Equal(whole, Attend(7));
        Assert.Equal(whole, Attend(64));

        float[] Attend(int chunk)
        {
            using var result = fast.Allocate(Tokens * 128);
            for (var first = 0; first < Tokens; first += chunk)
            {
                var count = Math.Min(chunk, Tokens - first);
                fast.PagedAttention(
                    new Block(queries, first * 128, count, 128), cache, 0, shape, new int[count],
                    Enumerable.Range(first + 1, count).ToArray(), table, table.Length,
                    new Block(result, first * 128, count, 128));
            }

            return Read(fast, result);
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void The_number_of_threads_does_not_show(InstructionSet set)
    {
        var one = Compute(1);
        Assert.Equal(one, Compute(2));
        Assert.Equal(one, Compute(5));

        float[] Compute(int threads)
        {
            using var fast = InstructionSets.Create(set, threads);
            using var a = Fill(fast, 200 * 300, 6);
            using var b = Fill(fast, 300 * 170, 7);
            using var c = fast.Allocate(200 * 170 + 2);
            fast.MatMul(new Block(a, 0, 200, 300), false, new Block(b, 0, 300, 170), false, new Block(c, 0, 200, 170));
            fast.Softmax(new Block(c, 0, 200, 170), new Block(c, 0, 200, 170));
            fast.SumRowsAccumulate(new Block(a, 0, 200, 300), new Block(b, 0, 1, 300));
            fast.AddScaled(1f, new Block(b, 0, 1, 170), new Block(c, 0, 1, 170));
            fast.Upload([(float)fast.Sum(new Block(a, 0, 200, 300))], c, 200 * 170);
            fast.Upload([(float)fast.SumOfSquares(new Block(a, 0, 200, 300))], c, 200 * 170 + 1);
            return Read(fast, c);
        }
    }

    private static void RowsAgree(CpuBackend fast, int columns, int outputs, Action<Block, Block> kernel)
    {
        const int Rows = 64;
        using var inputs = Fill(fast, Rows * columns, 8);
        using var results = fast.Allocate(Rows * outputs);
        kernel(new Block(inputs, 0, Rows, columns), new Block(results, 0, Rows, outputs));
        var expected = Read(fast, results);
        foreach (var batch in new[] { 1, 2, 3, 5, 11, 13, 40 })
        {
            for (var first = 0; first < Rows; first += batch)
            {
                var count = Math.Min(batch, Rows - first);
                kernel(
                    new Block(inputs, (long)first * columns, count, columns),
                    new Block(results, (long)first * outputs, count, outputs));
            }

            Assert.Equal(expected, Read(fast, results));
        }
    }

    private static Storage Fill(CpuBackend fast, int count, int seed)
    {
        var random = new Random(seed);
        var storage = fast.Allocate(count);
        fast.Upload([.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)], storage);
        return storage;
    }

    private static float[] Read(CpuBackend fast, Storage storage)
    {
        var numbers = new float[storage.Length];
        fast.Download(storage, 0, numbers);
        return numbers;
    }
}
