using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace SoupsActors.Tensors;

/// <summary>The checks that every backend makes before it touches memory.</summary>
internal static class Arguments
{
    /// <summary>Requires a block of <paramref name="rows"/> × <paramref name="columns"/>.</summary>
    public static void Shape(
        Block block, int rows, int columns, [CallerArgumentExpression(nameof(block))] string name = "")
    {
        if (block.Rows != rows || block.Columns != columns)
            ThrowShape(block, rows, columns, name);
    }

    /// <summary>Requires a block of the shape of another.</summary>
    public static void Same(Block block, Block other, [CallerArgumentExpression(nameof(block))] string name = "") =>
        Shape(block, other.Rows, other.Columns, name);

    /// <summary>Requires as many indices as a block has rows.</summary>
    public static void Length(int actual, int expected, [CallerArgumentExpression(nameof(actual))] string name = "")
    {
        if (actual != expected)
            ThrowLength(actual, expected, name);
    }

    /// <summary>
    /// Requires every index to be at least <paramref name="lowest"/> and below <paramref name="limit"/>.
    /// </summary>
    public static void Indices(
        ReadOnlySpan<int> indices, int limit, int lowest = 0,
        [CallerArgumentExpression(nameof(indices))] string name = "")
    {
        foreach (var index in indices)
        {
            if (index < lowest || index >= limit)
                ThrowIndex(index, lowest, limit, name);
        }
    }

    /// <summary>
    /// Requires a block of fp32 numbers that lies inside a storage of <paramref name="backend"/>; the storage's memory is
    /// then safe to read with plain pointers.
    /// </summary>
    public static void Inside(Backend backend, Block block, string name)
    {
        var end = block.Rows == 0 ? 0 : block.Offset + (long)(block.Rows - 1) * block.Stride + block.Columns;
        if (block.Storage is null || !ReferenceEquals(block.Storage.Backend, backend)
            || block.Storage.Type != ElementType.Float32 || (block.Rows | block.Columns) < 0 || block.Offset < 0
            || block.Stride < block.Columns || end > block.Storage.Length)
        {
            ThrowInside(backend, block, name);
        }
    }

    /// <summary>Requires starts to be non-decreasing from 0 to <paramref name="rows"/>.</summary>
    public static void Starts(ReadOnlySpan<int> starts, int rows)
    {
        var good = starts.Length > 0 && starts[0] == 0 && starts[^1] == rows;
        for (var i = 1; good && i < starts.Length; i++)
            good = starts[i] >= starts[i - 1];
        if (!good)
            throw new ArgumentException($"Sequence starts must rise from 0 to the {rows} rows of q.", nameof(starts));
    }

    /// <summary>Requires consistent head counts.</summary>
    public static void Heads(in AttentionShape shape)
    {
        if (shape.Heads <= 0 || shape.KvHeads <= 0 || shape.HeadSize <= 0 || shape.Heads % shape.KvHeads != 0)
        {
            throw new ArgumentException(
                $"{shape.Heads} query heads of {shape.HeadSize} numbers cannot share {shape.KvHeads} key heads.",
                nameof(shape));
        }
    }

    /// <summary>Requires the second operand of <see cref="Backend.Binary"/> to repeat over the first.</summary>
    public static void Repeats(Block b, Block a)
    {
        if ((b.Rows != a.Rows && b.Rows != 1) || (b.Columns != a.Columns && b.Columns != 1))
        {
            throw new ArgumentException(
                $"b is {Text(b)}; expected the shape of a, {Text(a)}, or one row or one column of it.", nameof(b));
        }
    }

    private static string Text(Block block) => $"{block.Rows} × {block.Columns}";

    [DoesNotReturn]
    private static void ThrowShape(Block block, int rows, int columns, string name) =>
        throw new ArgumentException($"{name} is {Text(block)}; expected {rows} × {columns}.", name);

    [DoesNotReturn]
    private static void ThrowLength(int actual, int expected, string name) =>
        throw new ArgumentException($"{name} is {actual}; expected {expected}.", name);

    [DoesNotReturn]
    private static void ThrowIndex(int index, int lowest, int limit, string name) =>
        throw new ArgumentOutOfRangeException(name, index, $"{name} holds {index}; expected {lowest} … {limit - 1}.");

    [DoesNotReturn]
    private static void ThrowInside(Backend backend, Block block, string name)
    {
        if (block.Storage is null)
            throw new ArgumentException($"{name} has no storage.", name);
        if (!ReferenceEquals(block.Storage.Backend, backend))
        {
            throw new ArgumentException(
                $"{name} lives on {block.Storage.Backend.Name}; this is {backend.Name}.", name);
        }

        if (block.Storage.Type != ElementType.Float32)
            throw new ArgumentException($"{name} is stored as {block.Storage.Type}; kernels read Float32.", name);
        throw new ArgumentException(
            $"{name} ({Text(block)}, offset {block.Offset}, stride {block.Stride}) does not fit its storage of "
            + $"{block.Storage.Length} elements.",
            name);
    }
}
