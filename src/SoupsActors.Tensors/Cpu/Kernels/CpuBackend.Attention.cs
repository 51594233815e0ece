using System.Runtime.CompilerServices;

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
            var (start, length) = (Starts[sequence], Starts[sequence + 1] - Starts[sequence]);
            if (length == 0)
                return;

            // Keys (and values) go into panels once for all bands. Rows of scores are as long as the panels are wide, so
            // that loops over them need no tails.
            var stride = Panels.Count(length, Tiles<V>.Width) * Tiles<V>.Width;
            var (packed, scores) = ((long)stride * Shape.HeadSize, (long)Math.Min(Band, length) * stride);
            var keys = Scratch.Get(ScratchSlot.Scores, 2 * (packed + scores));
            var values = keys + packed;
            var first = new View(values + packed, 0, 0, stride);
            var second = new View(first.Start + scores, 0, 0, stride);
            Product.Pack(Head(K, start, length, kvHead), keys);
            if (Backward)
                Product.Pack(Head(V2, start, length, kvHead), values);
            var group = Shape.Heads / Shape.KvHeads;
            for (var head = kvHead * group; head < (kvHead + 1) * group; head++)
            {
                for (var from = 0; from < length; from += Band)
                {
                    var rows = Math.Min(Band, length - from);
                    if (Backward)
                        BandBackward(start, from, rows, head, kvHead, keys, values, first, second);
                    else
                        BandForward(start, from, rows, head, kvHead, keys, first);
                }
            }
        }

        private readonly void BandForward(
            int start, int from, int rows, int head, int kvHead, float* keys, View memory)
        {
            var seen = from + rows;
            var scores = new View(memory.Start, rows, seen, memory.Stride);
            var result = Head(Y, start + from, rows, head);
            Product.RunPacked(Head(Q, start + from, rows, head), keys, scores);
            var inverse = stackalloc float[Band];
            for (var i = 0; i < rows; i++)
            {
                var (row, visible) = (new Rows(scores, i), from + i + 1);
                var whole = Panels.Count(visible, V.Count) * V.Count;
                UpdateRow(new Scale(Shape.Scale), row.At, row.At, row.At, whole);
                new Span<float>(row.At + visible, whole - visible).Fill(float.NegativeInfinity);
                var maximum = RowSums<V>.Maximum(row.At, whole);
                var sum = RowSums<V>.Exponentiate(row.At, row.At, whole, maximum);
                new Span<float>(row.At + whole, Math.Max(0, seen - whole)).Clear();
                inverse[i] = 1f / sum;
                Totals.Row(start + from + i)[head] = maximum + MathF.Log(sum);
            }

            // A row of values is shorter than one of probabilities: the division by the sum comes last.
            Product.Run(null, scores, false, Head(V2, start, seen, kvHead), false, result, false);
            for (var i = 0; i < rows; i++)
                UpdateRow(new Scale(inverse[i]), result.Row(i), result.Row(i), result.Row(i), Shape.HeadSize);
        }

        private readonly void BandBackward(
            int start, int from, int rows, int head, int kvHead, float* keys, float* values, View first, View second)
        {
            var seen = from + rows;
            var probabilities = new View(first.Start, rows, seen, first.Stride);
            var slopes = new View(second.Start, rows, seen, second.Stride);
            var (queries, above) = (Head(Q, start + from, rows, head), Head(Above, start + from, rows, head));
            var result = Head(Y, start + from, rows, head);
            Product.RunPacked(queries, keys, probabilities);
            Product.RunPacked(above, values, slopes);
            for (var i = 0; i < rows; i++)
            {
                var (p, ds, visible) = (new Rows(probabilities, i), new Rows(slopes, i), from + i + 1);
                var mean = RowSums<V>.Sum(default(RowSums<V>.Product), above.Row(i), result.Row(i), Shape.HeadSize);
                ScoreSlopes(
                    p.At, ds.At, Panels.Count(visible, V.Count), Shape.Scale, Totals.Row(start + from + i)[head], mean);
                new Span<float>(p.At + visible, seen - visible).Clear();
                new Span<float>(ds.At + visible, seen - visible).Clear();
            }

            var (toKeys, toValues) = (Head(ToK, start, seen, kvHead), Head(ToV, start, seen, kvHead));
            Product.Run(null, slopes, false, Head(K, start, seen, kvHead), false, Head(ToQ, start + from, rows, head), true);
            Product.Run(null, slopes, true, queries, false, toKeys, true);
            Product.Run(null, probabilities, true, above, false, toValues, true);
        }

        /// <summary>
        /// From scores s and slopes of the probabilities to the probabilities p = exp(scale·s − total) and the slopes of
        /// the unscaled scores, p·(slope − mean)·scale.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void ScoreSlopes(float* p, float* slopes, int registers, float scale, float total, float mean)
        {
            V factor = V.Broadcast(scale), down = V.Broadcast(-total), centre = V.Broadcast(mean);
            for (var j = 0; j < registers; j++, p += V.Count, slopes += V.Count)
            {
                var probability = Functions.Exp(V.MultiplyAdd(V.Load(p), factor, down));
                V.Store(probability, p);
                V.Store(probability * (V.Load(slopes) - centre) * factor, slopes);
            }
        }

        private readonly View Head(View all, int first, int rows, int head) =>
            new(all.Row(first) + head * Shape.HeadSize, rows, Shape.HeadSize, all.Stride);
    }
}
