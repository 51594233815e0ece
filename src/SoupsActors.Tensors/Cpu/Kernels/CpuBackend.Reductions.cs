using System.Buffers;
using System.Numerics;

namespace SoupsActors.Tensors.Cpu;

/// <content>Reductions and indexing.</content>
internal sealed unsafe partial class CpuBackend<V>
{
    // Numbers whose double-precision sum is one part of a total: the same whatever the number of threads.
    private const int TotalLength = 16384;

    public override void ReduceColumns(ReduceOp op, Block x, Block y)
    {
        Arguments.Shape(y, x.Rows, 1);
        if (op is not (ReduceOp.Sum or ReduceOp.Maximum or ReduceOp.LogSumExp))
            throw new ArgumentOutOfRangeException(nameof(op), op, "Unknown reduction.");
        ForRows(new Reduction { Op = op, X = Resolve(x), Y = Resolve(y) }, x.Rows, x.Columns);
    }

    public override void SumRowsAccumulate(Block x, Block y)
    {
        Arguments.Shape(y, 1, x.Columns);
        var work = new ColumnSums { X = Resolve(x), Y = Resolve(y) };
        ForRows(work, Panels.Count(x.Columns, V.Count), (long)x.Rows * V.Count);
    }

    public override double Sum(Block x) => Total(x, squares: false);

    public override double SumOfSquares(Block x) => Total(x, squares: true);

    public override void ArgMax(Block x, Span<int> columns)
    {
        Arguments.Length(columns.Length, x.Rows);
        var from = Resolve(x);
        fixed (int* found = columns)
            ForRows(new FirstMaximum { X = from, Found = found }, x.Rows, x.Columns);
    }

    public override bool AllFinite(Block x)
    {
        // 0 · v is NaN where v is NaN or infinite, and nothing turns a NaN back into a number.
        var from = Resolve(x);
        for (var i = 0; i < from.Rows; i++)
        {
            if (RowSums<V>.Sum(default(NothingIfFinite), from.Row(i), from.Row(i), from.Columns) != 0)
                return false;
        }

        return true;
    }

    public override void GatherRows(Block table, ReadOnlySpan<int> rows, Block y)
    {
        Arguments.Indices(rows, table.Rows);
        Arguments.Shape(y, rows.Length, table.Columns);
        var (from, to) = (Resolve(table), Resolve(y));
        for (var i = 0; i < rows.Length; i++)
            new Span<float>(from.Row(rows[i]), from.Columns).CopyTo(new(to.Row(i), to.Columns));
    }

    public override void ScatterRowsAccumulate(Block x, ReadOnlySpan<int> rows, Block table)
    {
        Arguments.Indices(rows, table.Rows);
        Arguments.Shape(x, rows.Length, table.Columns);
        var (from, to) = (Resolve(x), Resolve(table));
        fixed (int* targets = rows)
        {
            var work = new RowScatter { X = from, Table = to, Rows = targets };
            ForRows(work, Panels.Count(x.Columns, RowScatter.Band), (long)x.Rows * RowScatter.Band);
        }
    }

    public override void GatherColumns(Block x, ReadOnlySpan<int> columns, Block y)
    {
        Arguments.Length(columns.Length, x.Rows);
        Arguments.Indices(columns, x.Columns);
        Arguments.Shape(y, x.Rows, 1);
        var (from, to) = (Resolve(x), Resolve(y));
        for (var i = 0; i < columns.Length; i++)
            *to.Row(i) = from.Row(i)[columns[i]];
    }

    public override void ScatterColumnsAccumulate(Block y, ReadOnlySpan<int> columns, Block x)
    {
        Arguments.Length(columns.Length, x.Rows);
        Arguments.Indices(columns, x.Columns);
        Arguments.Shape(y, x.Rows, 1);
        var (from, to) = (Resolve(y), Resolve(x));
        for (var i = 0; i < columns.Length; i++)
            to.Row(i)[columns[i]] += *from.Row(i);
    }

    private void ForRows<TKernel>(TKernel kernel, int rows, long workPerRow)
        where TKernel : unmanaged, IRowKernel =>
        new RowWork<TKernel>(kernel, rows).RunOn(Pool, workPerRow);

    private double Total(Block x, bool squares)
    {
        var from = Resolve(x);
        var flat = from.Stride == from.Columns;
        var length = flat ? (long)from.Rows * from.Columns : from.Columns;
        var perRow = (int)((length + TotalLength - 1) / TotalLength);
        var parts = perRow * (flat ? Math.Min(1, from.Rows) : from.Rows);
        var sums = ArrayPool<double>.Shared.Rent(parts);
        fixed (double* into = sums)
        {
            var work = new Totals { X = from, Length = length, PerRow = perRow, Squares = squares, Sums = into };
            ForRows(work, parts, TotalLength);
        }

        var total = 0.0;
        for (var i = 0; i < parts; i++)
            total += sums[i];
        ArrayPool<double>.Shared.Return(sums);
        return total;
    }

    private struct Reduction : IRowKernel
    {
        public ReduceOp Op;
        public View X;
        public View Y;

        public readonly void Row(int row) => *Y.Row(row) = Op switch
        {
            ReduceOp.Sum => RowSums<V>.Sum(default(RowSums<V>.Number), X.Row(row), X.Row(row), X.Columns),
            ReduceOp.Maximum => RowSums<V>.Maximum(X.Row(row), X.Columns),
            _ => RowSums<V>.LogSumExp(X.Row(row), X.Columns),
        };
    }

    /// <summary>One register of columns, over all rows in order.</summary>
    private struct ColumnSums : IRowKernel
    {
        public View X;
        public View Y;

        public readonly void Row(int row)
        {
            var first = row * V.Count;
            var columns = Math.Min(V.Count, X.Columns - first);
            var to = Y.Start + first;
            if (columns < V.Count)
            {
                for (var i = 0; i < X.Rows; i++)
                {
                    for (var j = 0; j < columns; j++)
                        to[j] += X.Row(i)[first + j];
                }

                return;
            }

            var sum = V.Load(to);
            for (var i = 0; i < X.Rows; i++)
                sum += V.Load(X.Row(i) + first);
            V.Store(sum, to);
        }
    }

    private struct FirstMaximum : IRowKernel
    {
        public View X;
        public int* Found;

        public readonly void Row(int row)
        {
            var numbers = new ReadOnlySpan<float>(X.Row(row), X.Columns);
            var largest = RowSums<V>.Maximum(X.Row(row), X.Columns);
            if (!float.IsNaN(largest))
            {
                Found[row] = Math.Max(0, numbers.IndexOf(largest));
                return;
            }

            var (best, value) = (0, float.NegativeInfinity);
            for (var j = 0; j < numbers.Length; j++)
            {
                if (numbers[j] > value)
                    (best, value) = (j, numbers[j]);
            }

            Found[row] = best;
        }
    }

    /// <summary>A band of columns, over all rows in order, so that equal indices add up in that order.</summary>
    private struct RowScatter : IRowKernel
    {
        public const int Band = 64;

        public View X;
        public View Table;
        public int* Rows;

        public readonly void Row(int row)
        {
            var first = row * Band;
            var columns = Math.Min(Band, X.Columns - first);
            for (var i = 0; i < X.Rows; i++)
            {
                var from = X.Row(i) + first;
                var to = Table.Row(Rows[i]) + first;
                var j = 0;
                for (; j + V.Count <= columns; j += V.Count)
                    V.Store(V.Load(to + j) + V.Load(from + j), to + j);
                for (; j < columns; j++)
                    to[j] += from[j];
            }
        }
    }

    private struct Totals : IRowKernel
    {
        public View X;
        public long Length;
        public int PerRow;
        public bool Squares;
        public double* Sums;

        public readonly void Row(int row)
        {
            var start = (long)(row % PerRow) * TotalLength;
            var from = X.Row(row / PerRow) + start;
            var length = (int)Math.Min(TotalLength, Length - start);
            var (low, high, j) = (Vector<double>.Zero, Vector<double>.Zero, 0);
            for (; j + Vector<float>.Count <= length; j += Vector<float>.Count)
            {
                Vector.Widen(Vector.Load(from + j), out var a, out var b);
                low += Squares ? a * a : a;
                high += Squares ? b * b : b;
            }

            var sum = Vector.Sum(low + high);
            for (; j < length; j++)
                sum += Squares ? (double)from[j] * from[j] : from[j];
            Sums[row] = sum;
        }
    }

    private readonly struct NothingIfFinite : ITerm<V>
    {
        public V Of(V a, V b) => a * V.Broadcast(0f);
    }
}
