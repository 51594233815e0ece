namespace SoupsActors.Tensors.Cpu;

/// <content>Normalisation and rotation.</content>
internal sealed unsafe partial class CpuBackend<V>
{
    public override void RmsNorm(Block x, Block gain, float epsilon, Block y, Block inverseRms)
    {
        Arguments.Shape(gain, 1, x.Columns);
        Arguments.Same(y, x);
        Arguments.Shape(inverseRms, x.Rows, 1);
        var work = new Norm
        {
            X = Resolve(x),
            Gain = Resolve(gain),
            Y = Resolve(y),
            Inverse = Resolve(inverseRms),
            Epsilon = epsilon,
        };
        ForRows(work, x.Rows, x.Columns);
    }

    public override void RmsNormBackwardAccumulate(
        Block x, Block gain, Block inverseRms, Block dy, Block dx, Block? dgain)
    {
        Arguments.Shape(gain, 1, x.Columns);
        Arguments.Shape(inverseRms, x.Rows, 1);
        Arguments.Same(dy, x);
        Arguments.Same(dx, x);
        var work = new NormBackward
        {
            X = Resolve(x),
            Gain = Resolve(gain),
            Inverse = Resolve(inverseRms),
            Above = Resolve(dy),
            To = Resolve(dx),
        };
        ForRows(work, x.Rows, 2L * x.Columns);
        if (dgain is not { } trained)
            return;
        Arguments.Same(trained, gain, nameof(dgain));
        var gains = new GainBackward { X = work.X, Inverse = work.Inverse, Above = work.Above, To = Resolve(trained) };
        ForRows(gains, Panels.Count(x.Columns, V.Count), (long)x.Rows * V.Count);
    }

    public override void Rotate(Block x, int heads, ReadOnlySpan<int> positions, Block table, bool inverse = false)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(table.Columns % 2, 0, nameof(table));
        Arguments.Shape(x, x.Rows, heads * table.Columns);
        Arguments.Length(positions.Length, x.Rows);
        Arguments.Indices(positions, table.Rows);
        fixed (int* at = positions)
        {
            var work = new Rotation
            {
                X = Resolve(x),
                Table = Resolve(table),
                Positions = at,
                Heads = heads,
                Sign = inverse ? -1f : 1f,
            };
            ForRows(work, x.Rows, x.Columns);
        }
    }

    private struct Norm : IRowKernel
    {
        public View X;
        public View Gain;
        public View Y;
        public View Inverse;
        public float Epsilon;

        public readonly void Row(int row)
        {
            var (from, gain, to, columns) = (new Rows(X, row), new Rows(Gain, 0), new Rows(Y, row), X.Columns);
            var squares = RowSums<V>.Sum(default(RowSums<V>.Product), from.At, from.At, columns);
            var inverse = 1f / MathF.Sqrt(squares / columns + Epsilon);
            *Inverse.Row(row) = inverse;
            var factor = V.Broadcast(inverse);
            var j = 0;
            for (; j + V.Count <= columns; j += V.Count)
                V.Store(V.Load(from.At + j) * factor * V.Load(gain.At + j), to.At + j);
            for (; j < columns; j++)
                to.At[j] = from.At[j] * inverse * gain.At[j];
        }
    }

    private struct NormBackward : IRowKernel
    {
        public View X;
        public View Gain;
        public View Inverse;
        public View Above;
        public View To;

        public readonly void Row(int row)
        {
            var (from, gain) = (new Rows(X, row), new Rows(Gain, 0));
            var (above, to) = (new Rows(Above, row), new Rows(To, row));
            var (columns, inverse) = (X.Columns, *Inverse.Row(row));
            V sums = default;
            var j = 0;
            for (; j + V.Count <= columns; j += V.Count)
                sums = V.MultiplyAdd(V.Load(above.At + j) * V.Load(gain.At + j), V.Load(from.At + j), sums);
            var dot = V.Sum(sums);
            for (; j < columns; j++)
                dot += above.At[j] * gain.At[j] * from.At[j];

            var back = -inverse * inverse * inverse * dot / columns;
            var (factor, slope) = (V.Broadcast(inverse), V.Broadcast(back));
            for (j = 0; j + V.Count <= columns; j += V.Count)
            {
                var sum = V.MultiplyAdd(V.Load(from.At + j), slope, V.Load(to.At + j));
                V.Store(V.MultiplyAdd(V.Load(above.At + j) * V.Load(gain.At + j), factor, sum), to.At + j);
            }

            for (; j < columns; j++)
                to.At[j] += above.At[j] * gain.At[j] * inverse + from.At[j] * back;
        }
    }

    /// <summary>One register of columns of the gain's gradient, over all rows in order.</summary>
    private struct GainBackward : IRowKernel
    {
        public View X;
        public View Inverse;
        public View Above;
        public View To;

        public readonly void Row(int row)
        {
            var first = row * V.Count;
            var columns = Math.Min(V.Count, X.Columns - first);
            var to = To.Start + first;
            if (columns < V.Count)
            {
                for (var i = 0; i < X.Rows; i++)
                {
                    for (var j = first; j < first + columns; j++)
                        To.Start[j] += Above.Row(i)[j] * (X.Row(i)[j] * *Inverse.Row(i));
                }

                return;
            }

            var sum = V.Load(to);
            for (var i = 0; i < X.Rows; i++)
            {
                var normed = V.Load(X.Row(i) + first) * V.Broadcast(*Inverse.Row(i));
                sum = V.MultiplyAdd(V.Load(Above.Row(i) + first), normed, sum);
            }

            V.Store(sum, to);
        }
    }

    private struct Rotation : IRowKernel
    {
        public View X;
        public View Table;
        public int* Positions;
        public int Heads;
        public float Sign;

        public readonly void Row(int row)
        {
            var half = Table.Columns / 2;
            var cosines = Table.Row(Positions[row]);
            var sines = cosines + half;
            for (var head = 0; head < Heads; head++)
            {
                var first = X.Row(row) + head * Table.Columns;
                var second = first + half;
                var j = 0;
                for (; j + V.Count <= half; j += V.Count)
                {
                    var (a, b) = Turn(V.Load(first + j), V.Load(second + j), V.Load(cosines + j), V.Load(sines + j));
                    V.Store(a, first + j);
                    V.Store(b, second + j);
                }

                var rest = half - j;
                if (rest == 0)
                    continue;
                var (x, y) = Turn(
                    Functions.LoadPartial<V>(first + j, rest), Functions.LoadPartial<V>(second + j, rest),
                    Functions.LoadPartial<V>(cosines + j, rest), Functions.LoadPartial<V>(sines + j, rest));
                Functions.StorePartial(x, first + j, rest);
                Functions.StorePartial(y, second + j, rest);
            }
        }

        private readonly (V First, V Second) Turn(V a, V b, V cosine, V sine)
        {
            sine *= V.Broadcast(Sign);
            return (V.MultiplyAdd(a, cosine, -(b * sine)), V.MultiplyAdd(b, cosine, a * sine));
        }
    }

    /// <summary>A row's first number, where a tuple may not hold a pointer.</summary>
    private readonly struct Rows(View view, int row)
    {
        public readonly float* At = view.Row(row);
    }
}
