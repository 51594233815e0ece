using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Tensors.Tests.Kernels;

public sealed class AttentionKernelTests
{
    public static TheoryData<InstructionSet> Sets => InstructionSets.All;

    [Theory, MemberData(nameof(Sets))]
    public void Causal_attention_and_its_gradients(InstructionSet set)
    {
        using var fast = InstructionSets.Create(set);
        using var twin = new Twin(fast, 1) { Tolerance = 2e-4 };
        foreach (var (heads, kvHeads, size, starts) in new (int, int, int, int[])[]
        {
            (1, 1, 1, [0, 1]), (2, 1, 6, [0, 3, 3, 8]), (4, 2, 32, [0, 20, 75]), (3, 3, 20, [0, 50]),
            (2, 1, 64, [0, 101]), (1, 1, 8, [0]),
        })
        {
            var shape = new AttentionShape(heads, kvHeads, size, 1 / MathF.Sqrt(size));
            var (m, q, kv) = (starts[^1], heads * size, kvHeads * size);
            twin.Check(
                (b, x) =>
                {
                    b.Attention(x[0], x[1], x[2], shape, starts, x[3], x[4]);
                    b.AttentionBackwardAccumulate(
                        x[0], x[1], x[2], shape, starts, x[3], x[4], x[5], x[6], x[7], x[8]);
                },
                (m, q), (m, kv), (m, kv), (m, q), (m, heads), (m, q), (m, q), (m, kv), (m, kv));
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void Paged_attention(InstructionSet set)
    {
        using var fast = InstructionSets.Create(set);
        using var twin = new Twin(fast, 2) { Tolerance = 5e-5 };
        foreach (var (heads, kvHeads, size, blockTokens) in new[]
        {
            (1, 1, 2, 1), (2, 1, 6, 3), (4, 2, 32, 16), (3, 3, 64, 16), (2, 1, 128, 8), (2, 2, 20, 40),
        })
        {
            const int Blocks = 24;
            var cacheShape = new KvCacheShape(2, Blocks, blockTokens, kvHeads, size);
            var shape = new AttentionShape(heads, kvHeads, size, 0.3f);
            var slots = Enumerable.Range(0, Blocks * blockTokens).ToArray();
            twin.Random.Shuffle(slots);
            var tables = Enumerable.Range(0, Blocks).ToArray();
            twin.Random.Shuffle(tables);
            int[] sequences = [0, 1, 2, 2, 0];
            int[] lengths = [blockTokens * 7 + 1, 1, blockTokens * 8, 2, 0];
            twin.Check(
                (b, x) =>
                {
                    using var cache = b.AllocateKvCache(cacheShape);
                    b.WriteKv(cache, 1, x[0], x[1], slots);
                    b.PagedAttention(x[2], cache, 1, shape, sequences, lengths, tables, 8, x[3]);
                },
                (slots.Length, kvHeads * size), (slots.Length, kvHeads * size), (5, heads * size), (5, heads * size));
        }
    }
}
