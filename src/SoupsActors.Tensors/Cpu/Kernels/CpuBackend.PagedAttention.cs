namespace SoupsActors.Tensors.Cpu;

/// <content>Attention over the paged key/value cache.</content>
internal sealed unsafe partial class CpuBackend<V>
{
    public override KvCache AllocateKvCache(KvCacheShape shape) => new CpuKvCache(this, shape);

    public override void WriteKv(KvCache cache, int layer, Block k, Block v, ReadOnlySpan<int> slots)
    {
        var pages = Own(cache, layer);
        var shape = cache.Shape;
        Arguments.Indices(slots, shape.Blocks * shape.BlockTokens);
        Arguments.Shape(k, slots.Length, shape.KvHeads * shape.HeadSize);
        Arguments.Same(v, k);
        var (keys, values) = (Resolve(k), Resolve(v));
        for (var i = 0; i < slots.Length; i++)
        {
            var (block, token) = Math.DivRem(slots[i], shape.BlockTokens);
            for (var head = 0; head < shape.KvHeads; head++)
            {
                var tile = ((long)block * shape.KvHeads + head) * pages.TileLength;
                var key = pages.Keys(layer) + tile + token;
                var from = keys.Row(i) + head * shape.HeadSize;
                for (var j = 0; j < shape.HeadSize; j++)
                    key[j * shape.BlockTokens] = from[j];
                new Span<float>(values.Row(i) + head * shape.HeadSize, shape.HeadSize)
                    .CopyTo(new(pages.Values(layer) + tile + token * shape.HeadSize, shape.HeadSize));
            }
        }
    }

    public override void PagedAttention(
        Block q, KvCache cache, int layer, AttentionShape shape, ReadOnlySpan<int> sequences, ReadOnlySpan<int> lengths,
        ReadOnlySpan<int> blockTables, int tableStride, Block y)
    {
        var pages = Own(cache, layer);
        Arguments.Heads(shape);
        if (shape.KvHeads != cache.Shape.KvHeads || shape.HeadSize != cache.Shape.HeadSize)
            throw new ArgumentException($"Heads {shape} do not read a cache of {cache.Shape}.", nameof(shape));
        Arguments.Shape(q, q.Rows, shape.Heads * shape.HeadSize);
        Arguments.Same(y, q);
        Arguments.Length(sequences.Length, q.Rows);
        Arguments.Length(lengths.Length, q.Rows);
        CheckTables(sequences, lengths, blockTables, tableStride, cache.Shape);
        fixed (int* owners = sequences, counts = lengths, tables = blockTables)
        {
            var work = new PagedHeads
            {
                Q = Resolve(q),
                Y = Resolve(y),
                Shape = shape,
                BlockTokens = cache.Shape.BlockTokens,
                Keys = pages.Keys(layer),
                Values = pages.Values(layer),
                Sequences = owners,
                Lengths = counts,
                Tables = tables,
                TableStride = tableStride,
            };
            var tokens = 0L;
            foreach (var length in lengths)
                tokens += length;
            var perHead = tokens / Math.Max(1, q.Rows) * shape.HeadSize * (shape.Heads / shape.KvHeads);
            ForRows(work, q.Rows * shape.KvHeads, Math.Max(1, perHead / V.Count * 2));
        }
    }

    private static void CheckTables(
        ReadOnlySpan<int> sequences, ReadOnlySpan<int> lengths, ReadOnlySpan<int> tables, int stride,
        KvCacheShape shape)
    {
        for (var i = 0; i < sequences.Length; i++)
        {
            var blocks = Panels.Count(Math.Max(0, lengths[i]), shape.BlockTokens);
            var start = (long)sequences[i] * stride;
            if (lengths[i] < 0 || sequences[i] < 0 || blocks > stride || start + blocks > tables.Length)
            {
                throw new ArgumentException(
                    $"Row {i} sees {lengths[i]} tokens of sequence {sequences[i]}, more than its block table holds.",
                    nameof(lengths));
            }

            // Rows of one sequence follow each other with rising lengths: only the last needs a look at its blocks.
            if (i + 1 == sequences.Length || sequences[i + 1] != sequences[i] || lengths[i + 1] < lengths[i])
                Arguments.Indices(tables.Slice((int)start, blocks), shape.Blocks, name: nameof(tables));
        }
    }

    private CpuKvCache Own(KvCache cache, int layer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, cache.Shape.Layers);
        return cache is CpuKvCache pages && ReferenceEquals(pages.Backend, this)
            ? pages
            : throw new ArgumentException($"The cache belongs to another backend than {Name}.", nameof(cache));
    }
}
