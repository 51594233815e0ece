using SoupsActors.Tensors;

namespace SoupsActors.Testing;

public sealed partial class ReferenceBackend
{
    public override void ReduceColumns(ReduceOp op, Block x, Block y)
    {
        Arguments.Shape(y, x.Rows, 1);
        var (from, to) = (View(x), View(y));
        for (var i = 0; i < x.Rows; i++)
        {
            to[i, 0] = (float)(op switch
            {
                ReduceOp.Sum => Total(from, i, x.Columns),
                ReduceOp.Maximum => Largest(from, i, x.Columns),
                ReduceOp.LogSumExp => LogSumExp(from, i, x.Columns),
                _ => throw new ArgumentOutOfRangeException(nameof(op), op, "Unknown reduction."),
            });
        }
    }

    public override void SumRowsAccumulate(Block x, Block y)
    {
        Arguments.Shape(y, 1, x.Columns);
        var (from, to) = (View(x), View(y));
        for (var j = 0; j < x.Columns; j++)
        {
            var sum = (double)to[0, j];
            for (var i = 0; i < x.Rows; i++)
                sum += from[i, j];
            to[0, j] = (float)sum;
        }
    }

    public override double Sum(Block x)
    {
        var from = View(x);
        var sum = 0.0;
        for (var i = 0; i < x.Rows; i++)
            sum += Total(from, i, x.Columns);
        return sum;
    }

    public override double SumOfSquares(Block x)
    {
        var from = View(x);
        var sum = 0.0;
        for (var i = 0; i < x.Rows; i++)
        {
            for (var j = 0; j < x.Columns; j++)
                sum += (double)from[i, j] * from[i, j];
        }

        return sum;
    }

    public override void ArgMax(Block x, Span<int> columns)
    {
        Arguments.Length(columns.Length, x.Rows);
        var from = View(x);
        for (var i = 0; i < x.Rows; i++)
        {
            var (best, value) = (0, float.NegativeInfinity);
            for (var j = 0; j < x.Columns; j++)
            {
                if (from[i, j] > value)
                    (best, value) = (j, from[i, j]);
            }

            columns[i] = best;
        }
    }

    public override bool AllFinite(Block x)
    {
        var from = View(x);
        var finite = true;
        for (var i = 0; i < x.Rows; i++)
        {
            for (var j = 0; j < x.Columns; j++)
                finite &= float.IsFinite(from[i, j]);
        }

        return finite;
    }

    public override void GatherRows(Block table, ReadOnlySpan<int> rows, Block y)
    {
        Arguments.Indices(rows, table.Rows);
        Arguments.Shape(y, rows.Length, table.Columns);
        var (from, to) = (View(table), View(y));
        for (var i = 0; i < y.Rows; i++)
        {
            for (var j = 0; j < y.Columns; j++)
                to[i, j] = from[rows[i], j];
        }
    }

    public override void ScatterRowsAccumulate(Block x, ReadOnlySpan<int> rows, Block table)
    {
        Arguments.Indices(rows, table.Rows);
        Arguments.Shape(x, rows.Length, table.Columns);
        var (from, to) = (View(x), View(table));
        for (var i = 0; i < x.Rows; i++)
        {
            for (var j = 0; j < x.Columns; j++)
                to[rows[i], j] += from[i, j];
        }
    }

    public override void GatherColumns(Block x, ReadOnlySpan<int> columns, Block y)
    {
        Arguments.Indices(columns, x.Columns);
        Arguments.Length(columns.Length, x.Rows);
        Arguments.Shape(y, x.Rows, 1);
        var (from, to) = (View(x), View(y));
        for (var i = 0; i < x.Rows; i++)
            to[i, 0] = from[i, columns[i]];
    }

    public override void ScatterColumnsAccumulate(Block y, ReadOnlySpan<int> columns, Block x)
    {
        Arguments.Indices(columns, x.Columns);
        Arguments.Length(columns.Length, x.Rows);
        Arguments.Shape(y, x.Rows, 1);
        var (from, to) = (View(y), View(x));
        for (var i = 0; i < x.Rows; i++)
            to[i, columns[i]] += from[i, 0];
    }

    private static double Total(Grid x, int row, int columns)
    {
        var sum = 0.0;
        for (var j = 0; j < columns; j++)
            sum += x[row, j];
        return sum;
    }

    private static double Largest(Grid x, int row, int columns)
    {
        var largest = double.NegativeInfinity;
        for (var j = 0; j < columns; j++)
            largest = Math.Max(largest, x[row, j]);
        return largest;
    }

    private static double LogSumExp(Grid x, int row, int columns)
    {
        var largest = Largest(x, row, columns);
        if (double.IsInfinity(largest))
            return largest;
        var sum = 0.0;
        for (var j = 0; j < columns; j++)
            sum += Math.Exp(x[row, j] - largest);
        return largest + Math.Log(sum);
    }
}
