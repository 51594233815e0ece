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
                {
                    V s0 = default;
                    var (rest, keys) = (BlockTokens - t, new Rows(new View(tile + t, 0, 0, 0), 0));
                    for (var j = 0; j < Shape.HeadSize; j++)
                    {
                        var from = keys.At + j * BlockTokens;
                        var key = rest >= V.Count ? V.Load(from) : Functions.LoadPartial<V>(from, rest);
                        s0 = V.MultiplyAdd(V.Broadcast(q[j]), key, s0);
                    }

                    V.Store(s0, scores + first + t);
                }
            }
        }

        /// <summary>y = factor · Σ weights[t]·v[t].</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Mix(float* weights, int* blocks, int kvHead, int count, float factor, float* y)
        {
            var (size, j, scale) = (Shape.HeadSize, 0, V.Broadcast(factor));
            for (; j + 4 * V.Count <= size; j += 4 * V.Count)
            {
                V s0 = default, s1 = default, s2 = default, s3 = default;
                for (var first = 0; first < count; first += BlockTokens)
                {
                    var values = Tile(Values, blocks[first / BlockTokens], kvHead) + j;
                    var last = Math.Min(count, first + BlockTokens);
                    for (var t = first; t < last; t++, values += size)
                    {
                        var weight = V.Broadcast(weights[t]);
                        s0 = V.MultiplyAdd(weight, V.Load(values), s0);
                        s1 = V.MultiplyAdd(weight, V.Load(values + V.Count), s1);
                        s2 = V.MultiplyAdd(weight, V.Load(values + 2 * V.Count), s2);
                        s3 = V.MultiplyAdd(weight, V.Load(values + 3 * V.Count), s3);
                    }
                }

                V.Store(s0 * scale, y + j);
                V.Store(s1 * scale, y + j + V.Count);
                V.Store(s2 * scale, y + j + 2 * V.Count);
                V.Store(s3 * scale, y + j + 3 * V.Count);
            }

            for (; j < size; j += V.Count)
            {
                V s0 = default;
                var rest = Math.Min(V.Count, size - j);
                for (var t = 0; t < count; t++)
                {
                    var from = Tile(Values, blocks[t / BlockTokens], kvHead) + t % BlockTokens * size + j;
                    var value = rest == V.Count ? V.Load(from) : Functions.LoadPartial<V>(from, rest);
                    s0 = V.MultiplyAdd(V.Broadcast(weights[t]), value, s0);
                }

                Functions.StorePartial(s0 * scale, y + j, rest);
            }
        }
    }
}
