namespace SoupsActors.Tensors;

/// <content>Rows and columns picked out and put back.</content>
public sealed partial class Tensor
{
    /// <summary>y[i] = x[rows[i]]: an embedding where x is the table.</summary>
    public Tensor GatherRows(ReadOnlySpan<int> rows)
    {
        var kept = rows.ToArray();
        return Result(
            kept.Length,
            Columns,
            y => Backend.GatherRows(Value, kept, y),
            RequiresGradient,
            y => Backend.ScatterRowsAccumulate(y.Gradient, kept, GradientToAccumulate()));
    }

    /// <summary>y[i] = x[i, columns[i]], m × 1.</summary>
    public Tensor GatherColumns(ReadOnlySpan<int> columns)
    {
        var kept = columns.ToArray();
        return Result(
            Rows,
            1,
            y => Backend.GatherColumns(Value, kept, y),
            RequiresGradient,
            y => Backend.ScatterColumnsAccumulate(y.Gradient, kept, GradientToAccumulate()));
    }

    /// <summary>A view of some rows.</summary>
    public Tensor SliceRows(int start, int count) =>
        Slice(Value.SliceRows(start, count), gradient => gradient.SliceRows(start, count));

    /// <summary>A view of some columns.</summary>
    public Tensor SliceColumns(int start, int count) =>
        Slice(Value.SliceColumns(start, count), gradient => gradient.SliceColumns(start, count));

    /// <summary>The same numbers in rows of another length; the tensor must not be a slice of columns.</summary>
    public Tensor Reshape(int rows, int columns)
    {
        if ((long)rows * columns != (long)Rows * Columns)
            throw new ArgumentException($"{Rows} × {Columns} numbers cannot become {rows} × {columns}.", nameof(rows));
        if (!Value.IsContiguous)
            throw new InvalidOperationException("A slice of columns has gaps between its rows and cannot be reshaped.");
        return Tape.Record(
            new Block(Value.Storage, Value.Offset, rows, columns),
            RequiresGradient,
            y => AddToGradient(new Block(y.Gradient.Storage, y.Gradient.Offset, Rows, Columns)));
    }

    private Tensor Slice(Block view, Func<Block, Block> part) => Tape.Record(
        view,
        RequiresGradient,
        y => Backend.AddScaled(1f, y.Gradient, part(GradientToAccumulate())));
}
