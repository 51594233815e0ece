using SoupsActors.Tensors;

namespace SoupsActors.Testing;

public sealed partial class ReferenceBackend
{
    public override void Attention(
        Block q, Block k, Block v, AttentionShape shape, ReadOnlySpan<int> starts, Block y, Block logSumExp)
    {
        CheckAttention(q, k, v, shape, starts, y, logSumExp);
        var (queries, keys, values, to, totals) = (View(q), View(k), View(v), View(y), View(logSumExp));
        foreach (var (sequence, row, head) in Queries(starts.ToArray(), shape.Heads))
        {
            var first = starts[sequence];
            var (p, total) = Probabilities(queries, row, head, shape, row - first + 1, t => (keys, first + t));
            Mix(p, shape, head, to, row, t => (values, first + t));
            totals[row, head] = (float)total;
        }
    }

    public override void AttentionBackwardAccumulate(
        Block q, Block k, Block v, AttentionShape shape, ReadOnlySpan<int> starts, Block y, Block logSumExp, Block dy,
        Block dq, Block dk, Block dv)
    {
        CheckAttention(q, k, v, shape, starts, y, logSumExp);
        Arguments.Same(dy, q);
        Arguments.Same(dq, q);
        Arguments.Same(dk, k);
        Arguments.Same(dv, v);
        var (queries, keys, values, above) = (View(q), View(k), View(v), View(dy));
        var toQueries = new double[q.Rows, q.Columns];
        var (toKeys, toValues) = (new double[k.Rows, k.Columns], new double[k.Rows, k.Columns]);
        var size = shape.HeadSize;
        foreach (var (sequence, row, head) in Queries(starts.ToArray(), shape.Heads))
        {
            var first = starts[sequence];
            var (p, _) = Probabilities(queries, row, head, shape, row - first + 1, t => (keys, first + t));
            var (at, kv) = (head * size, head / (shape.Heads / shape.KvHeads) * size);
            var dp = new double[p.Length];
            var mean = 0.0;
            for (var t = 0; t < p.Length; t++)
            {
                for (var j = 0; j < size; j++)
                    dp[t] += (double)above[row, at + j] * values[first + t, kv + j];
                mean += p[t] * dp[t];
            }

            for (var t = 0; t < p.Length; t++)
            {
                var score = p[t] * (dp[t] - mean) * shape.Scale;
                for (var j = 0; j < size; j++)
                {
                    toQueries[row, at + j] += score * keys[first + t, kv + j];
                    toKeys[first + t, kv + j] += score * queries[row, at + j];
                    toValues[first + t, kv + j] += p[t] * above[row, at + j];
                }
            }
        }

        AddTo(dq, toQueries);
        AddTo(dk, toKeys);
        AddTo(dv, toValues);
    }

    public override KvCache AllocateKvCache(KvCacheShape shape) => new Pages(shape);

    public override void WriteKv(KvCache cache, int layer, Block k, Block v, ReadOnlySpan<int> slots)
    {
        var pages = (Pages)cache;
        Arguments.Indices(slots, cache.Shape.Blocks * cache.Shape.BlockTokens);
        Arguments.Shape(k, slots.Length, pages.Width);
        Arguments.Same(v, k);
        var (keys, values) = (View(k), View(v));
        for (var i = 0; i < k.Rows; i++)
        {
            for (var j = 0; j < k.Columns; j++)
            {
                pages.Keys[layer][slots[i], j] = keys[i, j];
                pages.Values[layer][slots[i], j] = values[i, j];
            }
        }
    }

    public override void PagedAttention(
        Block q, KvCache cache, int layer, AttentionShape shape, ReadOnlySpan<int> sequences, ReadOnlySpan<int> lengths,
        ReadOnlySpan<int> blockTables, int tableStride, Block y)
    {
        Arguments.Heads(shape);
        Arguments.Shape(q, q.Rows, shape.Heads * shape.HeadSize);
        Arguments.Same(y, q);
        Arguments.Length(sequences.Length, q.Rows);
        Arguments.Length(lengths.Length, q.Rows);
        var pages = (Pages)cache;
        var (queries, to, tokens) = (View(q), View(y), cache.Shape.BlockTokens);
        var blocks = blockTables.ToArray();
        for (var i = 0; i < q.Rows; i++)
        {
            var table = sequences[i] * tableStride;
            for (var h = 0; h < shape.Heads; h++)
            {
                int Slot(int t) => blocks[table + t / tokens] * tokens + t % tokens;
                var (p, _) = Probabilities(queries, i, h, shape, lengths[i], t => (pages.Keys[layer], Slot(t)));
                Mix(p, shape, h, to, i, t => (pages.Values[layer], Slot(t)));
            }
        }
    }

    /// <summary>Softmax of the scaled scores of one query head over its keys, and the logarithm of their sum.</summary>
    private static (double[] Probabilities, double LogSumExp) Probabilities(
        Grid queries, int row, int head, AttentionShape shape, int count, Func<int, (Grid Grid, int Row)> key)
    {
        var kv = head / (shape.Heads / shape.KvHeads) * shape.HeadSize;
        var scores = new double[count];
        for (var t = 0; t < count; t++)
        {
            var (grid, at) = key(t);
            for (var j = 0; j < shape.HeadSize; j++)
                scores[t] += (double)queries[row, head * shape.HeadSize + j] * grid[at, kv + j];
            scores[t] *= shape.Scale;
        }

        var largest = scores.DefaultIfEmpty(double.NegativeInfinity).Max();
        var total = largest + Math.Log(scores.Sum(s => Math.Exp(s - largest)));
        return ([.. scores.Select(s => Math.Exp(s - total))], total);
    }

    private static void Mix(
        double[] weights, AttentionShape shape, int head, Grid to, int row, Func<int, (Grid Grid, int Row)> value)
    {
        var kv = head / (shape.Heads / shape.KvHeads) * shape.HeadSize;
        for (var j = 0; j < shape.HeadSize; j++)
        {
            var sum = 0.0;
            for (var t = 0; t < weights.Length; t++)
            {
                var (grid, at) = value(t);
                sum += weights[t] * grid[at, kv + j];
            }

            to[row, head * shape.HeadSize + j] = (float)sum;
        }
    }

    private static IEnumerable<(int Sequence, int Row, int Head)> Queries(int[] starts, int heads) =>
        from sequence in Enumerable.Range(0, starts.Length - 1)
        from row in Enumerable.Range(starts[sequence], starts[sequence + 1] - starts[sequence])
        from head in Enumerable.Range(0, heads)
        select (sequence, row, head);

    private static void CheckAttention(
        Block q, Block k, Block v, AttentionShape shape, ReadOnlySpan<int> starts, Block y, Block logSumExp)
    {
        Arguments.Heads(shape);
        Arguments.Starts(starts, q.Rows);
        Arguments.Shape(q, q.Rows, shape.Heads * shape.HeadSize);
        Arguments.Shape(k, q.Rows, shape.KvHeads * shape.HeadSize);
        Arguments.Same(v, k);
        Arguments.Same(y, q);
        Arguments.Shape(logSumExp, q.Rows, shape.Heads);
    }

    private void AddTo(Block block, double[,] sums)
    {
        var to = View(block);
        for (var i = 0; i < block.Rows; i++)
        {
            for (var j = 0; j < block.Columns; j++)
                to[i, j] = (float)(to[i, j] + sums[i, j]);
        }
    }

    private sealed class Pages : KvCache
    {
        public Pages(KvCacheShape shape)
            : base(shape)
        {
            Keys = [.. Enumerable.Range(0, shape.Layers).Select(_ => Empty())];
            Values = [.. Enumerable.Range(0, shape.Layers).Select(_ => Empty())];
        }

        public int Width => Shape.KvHeads * Shape.HeadSize;

        public Grid[] Keys { get; }

        public Grid[] Values { get; }

        protected override void Dispose(bool disposing)
        {
        }

        private Grid Empty() => new(new float[Shape.Blocks * Shape.BlockTokens * Width], 0, Width);
    }
}
