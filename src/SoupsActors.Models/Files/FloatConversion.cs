using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SoupsActors.Models.Files;

/// <summary>Weights between 32-bit floats and the little-endian element types of files.</summary>
internal static class FloatConversion
{
    // A chunk stays in the first-level cache, and its byte count fits an int.
    private const int Chunk = 4096;

    /// <summary>
    /// Fills <paramref name="destination"/> from as many elements at <paramref name="source"/>, at any alignment.
    /// </summary>
    public static unsafe void ToFloat32(SafetensorsType type, byte* source, Span<float> destination)
    {
        RequireLittleEndian();
        Span<ushort> halves = stackalloc ushort[type == SafetensorsType.F32 ? 0 : Chunk];
        for (var start = 0; start < destination.Length; start += Chunk)
        {
            var part = destination.Slice(start, Math.Min(Chunk, destination.Length - start));
            if (type == SafetensorsType.F32)
            {
                var bytes = new ReadOnlySpan<byte>(source + ((long)start * sizeof(float)), part.Length * sizeof(float));
                bytes.CopyTo(MemoryMarshal.AsBytes(part));
                continue;
            }

            var bits = halves[..part.Length];
            new ReadOnlySpan<byte>(source + ((long)start * sizeof(ushort)), part.Length * sizeof(ushort))
                .CopyTo(MemoryMarshal.AsBytes(bits));
            if (type == SafetensorsType.F16)
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<ushort, Half>(bits), part);
            else
                FromBFloat16(bits, part);
        }
    }

    /// <summary>
    /// Rounds to the nearest representable value, ties to even. A value beyond binary16's range becomes infinite.
    /// </summary>
    /// <param name="type">F32, F16 or BF16.</param>
    /// <param name="source">Values.</param>
    /// <param name="destination">Bytes per element times the number of values.</param>
    public static void FromFloat32(SafetensorsType type, ReadOnlySpan<float> source, Span<byte> destination)
    {
        RequireLittleEndian();
        switch (type)
        {
            case SafetensorsType.F32:
                MemoryMarshal.AsBytes(source).CopyTo(destination);
                break;
            case SafetensorsType.F16:
                TensorPrimitives.ConvertToHalf(source, MemoryMarshal.Cast<byte, Half>(destination));
                break;
            case SafetensorsType.BF16:
                var bits = MemoryMarshal.Cast<byte, ushort>(destination);
                for (var i = 0; i < source.Length; i++)
                    bits[i] = ToBFloat16(source[i]);
                break;
            default:
                throw new ArgumentOutOfRangeException(
                    nameof(type), type, "Weights are written as F32, F16 or BF16; choose one of these.");
        }
    }

    /// <summary>The values as they come back from a file of this type.</summary>
    public static unsafe float[] Round(SafetensorsType type, ReadOnlySpan<float> values)
    {
        var bytes = new byte[values.Length * (type.Bits() / 8)];
        FromFloat32(type, values, bytes);
        var rounded = new float[values.Length];
        fixed (byte* pointer = bytes)
            ToFloat32(type, pointer, rounded);
        return rounded;
    }

    internal static ushort ToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);

        // Rounding could carry a NaN's payload into an infinity, so a NaN is cut and kept quiet instead.
        return float.IsNaN(value)
            ? (ushort)((bits >> 16) | 0x40)
            : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    private static void FromBFloat16(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        var i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; i <= source.Length - Vector128<ushort>.Count; i += Vector128<ushort>.Count)
            {
                var (low, high) = Vector128.Widen(Vector128.Create(source.Slice(i, Vector128<ushort>.Count)));
                (low << 16).AsSingle().CopyTo(destination[i..]);
                (high << 16).AsSingle().CopyTo(destination[(i + Vector128<uint>.Count)..]);
            }
        }

        for (; i < source.Length; i++)
            destination[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
    }

    private static void RequireLittleEndian()
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Model files are read and written on little-endian machines only.");
    }
}
