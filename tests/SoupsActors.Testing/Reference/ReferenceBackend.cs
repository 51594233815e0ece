using SoupsActors.Tensors;

namespace SoupsActors.Testing;

/// <summary>
/// The slow, obvious twin of every kernel: plain loops over fp32 storage that compute in double precision. Fast kernels
/// are tested against it, and code above the seam can be developed on it.
/// </summary>
public sealed partial class ReferenceBackend : Backend
{
    public override string Name => "reference (double precision)";

    public override Storage Allocate(long length, ElementType type = ElementType.Float32)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return new Numbers(this, type, length);
    }

    public override void Upload(ReadOnlySpan<float> source, Storage target, long offset = 0)
    {
        var numbers = (Numbers)target;
        for (var i = 0; i < source.Length; i++)
            numbers.Data[offset + i] = Round(source[i], target.Type);
    }

    public override void Download(Storage source, long offset, Span<float> target) =>
        ((Numbers)source).Data.AsSpan((int)offset, target.Length).CopyTo(target);

    public override void Copy(Block x, Block y)
    {
        Arguments.Same(y, x);
        Map(x, y, v => v);
    }

    public override void Fill(Block y, float value)
    {
        var to = View(y);
        for (var i = 0; i < y.Rows; i++)
        {
            for (var j = 0; j < y.Columns; j++)
                to[i, j] = value;
        }
    }

    protected override void Dispose(bool disposing)
    {
    }

    /// <summary>The nearest number that a storage of this type can hold.</summary>
    public static float Round(float value, ElementType type) => type switch
    {
        ElementType.Float16 => (float)(Half)value,
        ElementType.BFloat16 => RoundToBFloat16(value),
        _ => value,
    };

    private static float RoundToBFloat16(float value)
    {
        if (!float.IsFinite(value))
            return value;
        var bits = BitConverter.SingleToUInt32Bits(value);
        bits += 0x7FFF + ((bits >> 16) & 1);
        return BitConverter.UInt32BitsToSingle(bits & 0xFFFF0000);
    }

    private Grid View(Block block)
    {
        Arguments.Inside(this, block, "a block");
        return new Grid(((Numbers)block.Storage).Data, (int)block.Offset, block.Stride);
    }

    /// <summary>A block's numbers by row and column.</summary>
    private readonly struct Grid(float[] data, int offset, int stride)
    {
        public ref float this[int row, int column] => ref data[offset + row * stride + column];
    }

    private sealed class Numbers(Backend backend, ElementType type, long length) : Storage(backend, type, length)
    {
        public float[] Data { get; } = new float[length];

        protected override void Dispose(bool disposing)
        {
        }
    }
}
