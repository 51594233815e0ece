namespace SoupsActors.Tensors.Cpu;

/// <content>Attention for training: whole sequences, by matrix products over bands of rows.</content>
internal sealed unsafe partial class CpuBackend<V>
{
    public override void Attention(
        Block q, Block k, Block v, AttentionShape shape, ReadOnlySpan<int> starts, Block y, Block logSumExp)
    {
        CheckAttention(q, k, v, shape, starts, y, logSumExp);
        fixed (int* rows = starts)
        {
            var work = new CausalAttention
            {
                Q = Resolve(q),
                K = Resolve(k),
                V2 = Resolve(v),
                Y = Resolve(y),
                Totals = Resolve(logSumExp),
                Shape = shape,
                Starts = rows,
            };
            ForRows(work, (starts.Length - 1) * shape.KvHeads, (long)q.Rows * shape.HeadSize);
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
        fixed (int* rows = starts)
        {
            var work = new CausalAttention
            {
                Q = Resolve(q),
                K = Resolve(k),
                V2 = Resolve(v),
                Y = Resolve(y),
                Totals = Resolve(logSumExp),
                Shape = shape,
                Starts = rows,
                Above = Resolve(dy),
                ToQ = Resolve(dq),
                ToK = Resolve(dk),
                ToV = Resolve(dv),
                Backward = true,
            };
            ForRows(work, (starts.Length - 1) * shape.KvHeads, (long)q.Rows * shape.HeadSize);
        }
    }

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

    /// <summary>
    /// One sequence and key head, with the query heads that share it one after the other, so that the gradients of keys
    /// and values add up in a fixed order. A band of query rows sees the keys up to its last row; what lies behind a
    /// row's own position gets the probability 0.
    /// </summary>
    private struct CausalAttention : IRowKernel
    {
        private const int Band = 48;

        public View Q;
        public View K;
        public View V2;
        public View Y;
        public View Totals;
        public View Above;
        public View ToQ;
        public View ToK;
        public View ToV;
        public AttentionShape Shape;
        public int* Starts;
        public bool Backward;

        public readonly void Row(int row)
        {
            var (sequence, kvHead) = (row / Shape.KvHeads, row % Shape.KvHeads);
            var (start, end) = (Starts[sequence], Starts[sequence + 1]);
            var group = Shape.Heads / Shape.KvHeads;
            for (var head = kvHead * group; head < (kvHead + 1) * group; head++)
            {
                for (var first = start; first < end; first += Band)
                {
                    var rows = Math.Min(Band, end - first);
                    if (Backward)
                        BandBackward(start, first, rows, head, kvHead);
                    else
                        BandForward(start, first, rows, head, kvHead);
                }
            }
        }

        private readonly void BandForward(int start, int first, int rows, int head, int kvHead)
        {
            var seen = first - start + rows;
            var stride = (seen + 15) & ~15;
            var scores = new View(Scratch.Get(ScratchSlot.Scores, (long)rows * stride), rows, seen, stride);
            Product.Run(null, Head(Q, first, rows, head), false, Head(K, start, seen, kvHead), true, scores, false);
            for (var i = 0; i < rows; i++)
            {
                var row = scores.Row(i);
                var visible = first + i - start + 1;
                UpdateRow(new Scale(Shape.Scale), row, row, row, visible);
                var maximum = RowSums<V>.Maximum(row, visible);
                var sum = RowSums<V>.Exponentiate(row, row, visible, maximum);
                UpdateRow(new Scale(1f / sum), row, row, row, visible);
                new Span<float>(row + visible, seen - visible).Clear();
                Totals.Row(first + i)[head] = maximum + MathF.Log(sum);
            }

            Product.Run(null, scores, false, Head(V2, start, seen, kvHead), false, Head(Y, first, rows, head), false);
        }

        private readonly void BandBackward(int start, int first, int rows, int head, int kvHead)
        {
            var seen = first - start + rows;
            var stride = (seen + 15) & ~15;
            var memory = Scratch.Get(ScratchSlot.Scores, 2L * rows * stride);
            var probabilities = new View(memory, rows, seen, stride);
            var slopes = new View(memory + (nint)rows * stride, rows, seen, stride);
            var (queries, keys) = (Head(Q, first, rows, head), Head(K, start, seen, kvHead));
            var (above, values) = (Head(Above, first, rows, head), Head(V2, start, seen, kvHead));
            var result = Head(Y, first, rows, head);
            Product.Run(null, queries, false, keys, true, probabilities, false);
            Product.Run(null, above, false, values, true, slopes, false);
            for (var i = 0; i < rows; i++)
            {
                var (p, ds, visible) = (new Rows(probabilities, i), new Rows(slopes, i), first + i - start + 1);
                var mean = RowSums<V>.Sum(default(RowSums<V>.Product), above.Row(i), result.Row(i), Shape.HeadSize);
                UpdateRow(new ScaledExponential(Shape.Scale, Totals.Row(first + i)[head]), p.At, p.At, p.At, visible);
                UpdateRow(new ScoreSlope(Shape.Scale, mean), ds.At, ds.At, p.At, visible);
                new Span<float>(p.At + visible, seen - visible).Clear();
                new Span<float>(ds.At + visible, seen - visible).Clear();
            }

            Product.Run(null, slopes, false, keys, false, Head(ToQ, first, rows, head), true);
            Product.Run(null, slopes, true, queries, false, Head(ToK, start, seen, kvHead), true);
            Product.Run(null, probabilities, true, above, false, Head(ToV, start, seen, kvHead), true);
        }

        private readonly View Head(View all, int first, int rows, int head) =>
            new(all.Row(first) + head * Shape.HeadSize, rows, Shape.HeadSize, all.Stride);
    }

    private readonly struct ScaledExponential(float scale, float total) : IElementFunction<V>
    {
        public static int Inputs => 2;

        public V Apply(V a, V b, V c, V d) => Functions.Exp(b * V.Broadcast(scale) - V.Broadcast(total));
    }

    /// <summary>a = b = the slope of the probability, c = the probability.</summary>
    private readonly struct ScoreSlope(float scale, float mean) : IElementFunction<V>
    {
        public static int Inputs => 3;

        public V Apply(V a, V b, V c, V d) => c * (b - V.Broadcast(mean)) * V.Broadcast(scale);
    }
}
