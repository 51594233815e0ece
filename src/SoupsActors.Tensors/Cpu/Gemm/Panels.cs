using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SoupsActors.Tensors.Cpu;

/// <summary>Lays out operands for <see cref="Tile{V, TRows, TRegisters}"/>.</summary>
internal static unsafe class Panels
{
    /// <summary>Panels of <paramref name="width"/> columns that <paramref name="columns"/> columns need.</summary>
    public static int Count(int columns, int width) => (columns + width - 1) / width;

    /// <summary>One panel, depth × width, from the rows of b (depth × columns), padded with zero columns.</summary>
    public static void FromRows(float* b, nint stride, int depth, int columns, int width, float* panel)
    {
        for (var p = 0; p < depth; p++)
        {
            Unsafe.CopyBlockUnaligned(panel, b, (uint)columns * sizeof(float));
            if (columns < width)
                new Span<float>(panel + columns, width - columns).Clear();
            b += stride;
            panel += width;
        }
    }

    /// <summary>One panel, depth × width, from the columns of b (columns × depth), padded with zero columns.</summary>
    public static void FromColumns(float* b, nint stride, int depth, int columns, int width, float* panel)
    {
        Transpose(b, stride, columns, depth, panel, width);
        if (columns == width)
            return;
        for (var p = 0; p < depth; p++)
            new Span<float>(panel + p * width + columns, width - columns).Clear();
    }

    /// <summary>to[j, i] = from[i, j] for rows × columns numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(float* from, nint fromStride, int rows, int columns, float* to, nint toStride)
    {
        var i = 0;
        for (; Sse.IsSupported && i + 4 <= rows; i += 4)
        {
            var source = from + i * fromStride;
            var target = to + i;
            var j = 0;
            for (; j + 4 <= columns; j += 4)
                Transpose4(source + j, fromStride, target + j * toStride, toStride);
            for (; j < columns; j++)
            {
                for (var r = 0; r < 4; r++)
                    target[j * toStride + r] = source[r * fromStride + j];
            }
        }

        for (; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
                to[j * toStride + i] = from[i * fromStride + j];
        }
    }

    /// <summary>fp32 numbers as fp16 or bfloat16, rounded to the nearest, ties to even.</summary>
    public static void Shorten(ReadOnlySpan<float> from, ElementType type, Span<ushort> to)
    {
        if (type == ElementType.Float16)
        {
            TensorPrimitives.ConvertToHalf(from, Half(to));
            return;
        }

        for (var i = 0; i < from.Length; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(from[i]);
            var rounded = bits + 0x7FFF + ((bits >> 16) & 1);
            to[i] = (ushort)((float.IsFinite(from[i]) ? rounded : bits | (float.IsNaN(from[i]) ? 0x400000u : 0)) >> 16);
        }
    }

    /// <summary>fp16 or bfloat16 numbers as fp32, exactly.</summary>
    public static void Lengthen(ReadOnlySpan<ushort> from, ElementType type, Span<float> to)
    {
        if (type == ElementType.Float16)
        {
            TensorPrimitives.ConvertToSingle(Half(from), to);
            return;
        }

        var i = 0;
        fixed (ushort* source = from)
        fixed (float* target = to)
        {
            for (; i + 8 <= from.Length; i += 8)
            {
                var (low, high) = Vector128.Widen(Vector128.Load(source + i));
                Vector128.Store((low << 16).AsSingle(), target + i);
                Vector128.Store((high << 16).AsSingle(), target + i + 4);
            }

            for (; i < from.Length; i++)
                target[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
        }
    }

    private static Span<Half> Half(Span<ushort> bits) =>
        System.Runtime.InteropServices.MemoryMarshal.Cast<ushort, Half>(bits);

    private static ReadOnlySpan<Half> Half(ReadOnlySpan<ushort> bits) =>
        System.Runtime.InteropServices.MemoryMarshal.Cast<ushort, Half>(bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose4(float* from, nint fromStride, float* to, nint toStride)
    {
        var (r0, r1) = (Vector128.Load(from), Vector128.Load(from + fromStride));
        var (r2, r3) = (Vector128.Load(from + 2 * fromStride), Vector128.Load(from + 3 * fromStride));
        var (low01, low23) = (Sse.UnpackLow(r0, r1), Sse.UnpackLow(r2, r3));
        var (high01, high23) = (Sse.UnpackHigh(r0, r1), Sse.UnpackHigh(r2, r3));
        Sse.MoveLowToHigh(low01, low23).Store(to);
        Sse.MoveHighToLow(low23, low01).Store(to + toStride);
        Sse.MoveLowToHigh(high01, high23).Store(to + 2 * toStride);
        Sse.MoveHighToLow(high23, high01).Store(to + 3 * toStride);
    }
}
