using System.Runtime.CompilerServices;

namespace SoupsActors.Tensors.Cpu;

/// <content>The inner loops of attention over the paged cache.</content>
internal sealed unsafe partial class CpuBackend<V>
{
    /// <summary>
    /// One query row and one key head, with the query heads that share it. A score sums over d from first to last, the
    /// softmax runs over the scores of the row, and the result sums over its tokens from first to last: every order
    /// depends on the number of tokens alone.
    /// </summary>
    private struct PagedHeads : IRowKernel
    {
        public View Q;
        public View Y;
        public AttentionShape Shape;
        public int BlockTokens;
        public float* Keys;
        public float* Values;
        public int* Sequences;
        public int* Lengths;
        public int* Tables;
        public int TableStride;

        public readonly void Row(int row)
        {
            var (token, kvHead) = Math.DivRem(row, Shape.KvHeads);
            var count = Lengths[token];
            var blocks = Tables + (nint)Sequences[token] * TableStride;
            var group = Shape.Heads / Shape.KvHeads;
            var padded = Panels.Count(count, BlockTokens) * BlockTokens;
            var scores = Scratch.Get(ScratchSlot.Scores, padded + V.Count);
            for (var head = kvHead * group; head < (kvHead + 1) * group; head++)
            {
                var to = Y.Row(token) + head * Shape.HeadSize;
                Scores(Q.Row(token) + head * Shape.HeadSize, blocks, kvHead, count, scores);
                UpdateRow(new Scale(Shape.Scale), scores, scores, scores, count);
                var sum = RowSums<V>.Exponentiate(scores, scores, count, RowSums<V>.Maximum(scores, count));
                Mix(scores, blocks, kvHead, count, count == 0 ? 0f : 1f / sum, to);
            }
        }

        private readonly float* Tile(float* all, int block, int kvHead) =>
            all + ((nint)block * Shape.KvHeads + kvHead) * BlockTokens * Shape.HeadSize;

        /// <summary>q·k of every token; tokens behind the last of a block are computed with it and not used.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Scores(float* q, int* blocks, int kvHead, int count, float* scores)
        {
            for (var first = 0; first < count; first += BlockTokens)
            {
                var tile = Tile(Keys, blocks[first / BlockTokens], kvHead);
                var t = 0;
                for (; t + 2 * V.Count <= BlockTokens; t += 2 * V.Count)
                {
                    V s0 = default, s1 = default;
                    var keys = tile + t;
                    for (var j = 0; j < Shape.HeadSize; j++, keys += BlockTokens)
                    {
                        var factor = V.Broadcast(q[j]);
                        s0 = V.MultiplyAdd(factor, V.Load(keys), s0);
                        s1 = V.MultiplyAdd(factor, V.Load(keys + V.Count), s1);
                    }

                    V.Store(s0, scores + first + t);
                    V.Store(s1, scores + first + t + V.Count);
                }

                for (; t < BlockTokens; t += V.Count)
                    V.Store(Score(q, tile + t, BlockTokens - t), scores + first + t);
            }
        }

        /// <summary>One register of scores, or the first <paramref name="rest"/> of them.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly V Score(float* q, float* keys, int rest)
        {
            V sum = default;
            if (rest >= V.Count)
            {
                for (var j = 0; j < Shape.HeadSize; j++, keys += BlockTokens)
                    sum = V.MultiplyAdd(V.Broadcast(q[j]), V.Load(keys), sum);
                return sum;
            }

            for (var j = 0; j < Shape.HeadSize; j++, keys += BlockTokens)
                sum = V.MultiplyAdd(V.Broadcast(q[j]), Functions.LoadPartial<V>(keys, rest), sum);
            return sum;
        }

        /// <summary>y = factor · Σ weights[t]·v[t].</summary>
        private readonly void Mix(float* weights, int* blocks, int kvHead, int count, float factor, float* y)
        {
            var j = 0;
            for (; j + 4 * V.Count <= Shape.HeadSize; j += 4 * V.Count)
                MixColumns<Four>(weights, blocks, kvHead, count, factor, y, j);
            for (; j + 2 * V.Count <= Shape.HeadSize; j += 2 * V.Count)
                MixColumns<Two>(weights, blocks, kvHead, count, factor, y, j);
            for (; j < Shape.HeadSize; j += V.Count)
                MixColumns<One>(weights, blocks, kvHead, count, factor, y, j);
        }

        /// <summary>
        /// Up to four registers of columns of the result; of the last register only what the head has.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void MixColumns<TCount>(
            float* weights, int* blocks, int kvHead, int count, float factor, float* y, int column)
            where TCount : IConstant
        {
            V s0 = default, s1 = default, s2 = default, s3 = default;
            var (size, rest) = (Shape.HeadSize, Shape.HeadSize - column);
            var partial = rest < V.Count;
            for (var first = 0; first < count; first += BlockTokens)
            {
                var values = Tile(Values, blocks[first / BlockTokens], kvHead) + column;
                var last = Math.Min(count, first + BlockTokens);
                for (var t = first; t < last; t++, values += size)
                {
                    var weight = V.Broadcast(weights[t]);
                    var value = partial ? Functions.LoadPartial<V>(values, rest) : V.Load(values);
                    s0 = V.MultiplyAdd(weight, value, s0);
                    if (TCount.Value > 1)
                        s1 = V.MultiplyAdd(weight, V.Load(values + V.Count), s1);
                    if (TCount.Value > 2)
                    {
                        s2 = V.MultiplyAdd(weight, V.Load(values + 2 * V.Count), s2);
                        s3 = V.MultiplyAdd(weight, V.Load(values + 3 * V.Count), s3);
                    }
                }
            }

            var scale = V.Broadcast(factor);
            y += column;
            if (partial)
            {
                Functions.StorePartial(s0 * scale, y, rest);
                return;
            }

            V.Store(s0 * scale, y);
            if (TCount.Value > 1)
                V.Store(s1 * scale, y + V.Count);
            if (TCount.Value > 2)
            {
                V.Store(s2 * scale, y + 2 * V.Count);
                V.Store(s3 * scale, y + 3 * V.Count);
            }
        }
    }
}
