namespace SoupsActors.Tensors;

/// <summary>How a number is stored. Arithmetic is always done in <see cref="Float32"/>.</summary>
public enum ElementType
{
    /// <summary>IEEE 754 binary32.</summary>
    Float32,

    /// <summary>IEEE 754 binary16.</summary>
    Float16,

    /// <summary>The upper half of a binary32 (bfloat16).</summary>
    BFloat16,
}

/// <summary>A run of elements in a device's memory, owned by whoever allocated it.</summary>
public abstract class Storage(Backend backend, ElementType type, long length) : IDisposable
{
    /// <summary>The device that holds the elements.</summary>
    public Backend Backend { get; } = backend;

    /// <summary>How each element is stored.</summary>
    public ElementType Type { get; } = type;

    /// <summary>Number of elements.</summary>
    public long Length { get; } = length;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Returns the memory to the device.</summary>
    protected abstract void Dispose(bool disposing);
}

/// <summary>A row-major block of fp32 numbers in a storage: the argument of every kernel.</summary>
/// <param name="Storage">Where the numbers are.</param>
/// <param name="Offset">First element.</param>
/// <param name="Rows">Number of rows, may be 0.</param>
/// <param name="Columns">Number of columns, may be 0.</param>
/// <param name="Stride">Elements from one row to the next, at least <paramref name="Columns"/>.</param>
public readonly record struct Block(Storage Storage, long Offset, int Rows, int Columns, int Stride)
{
    /// <summary>A contiguous block.</summary>
    public Block(Storage storage, long offset, int rows, int columns)
        : this(storage, offset, rows, columns, columns)
    {
    }

    /// <summary>True when the rows follow each other without a gap.</summary>
    public bool IsContiguous => Stride == Columns || Rows <= 1;

    /// <summary>Rows <paramref name="start"/> … <paramref name="start"/> + <paramref name="count"/>.</summary>
    public Block SliceRows(int start, int count) => this with { Offset = Offset + (long)start * Stride, Rows = count };

    /// <summary>Columns <paramref name="start"/> … <paramref name="start"/> + <paramref name="count"/>; the stride stays.</summary>
    public Block SliceColumns(int start, int count) => this with { Offset = Offset + start, Columns = count };
}
