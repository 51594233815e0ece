using System.Runtime.CompilerServices;

namespace SoupsActors.Tensors.Cpu;

/// <summary>The tiles of every height, and the strip of one row across several panels.</summary>
internal static unsafe class Tiles<V>
    where V : unmanaged, ISimd<V>
{
    /// <summary>Panels that <see cref="Strip"/> multiplies at once.</summary>
    public const int StripPanels = 4;

    private static readonly delegate*<float*, nint, nint, float*, nint, float*, nint, nint, bool, void>[] Narrow =
    [
        null,
        &Tile<V, One, One>.Multiply, &Tile<V, Two, One>.Multiply, &Tile<V, Three, One>.Multiply,
        &Tile<V, Four, One>.Multiply, &Tile<V, Five, One>.Multiply, &Tile<V, Six, One>.Multiply,
        &Tile<V, Seven, One>.Multiply, &Tile<V, Eight, One>.Multiply, &Tile<V, Nine, One>.Multiply,
        &Tile<V, Ten, One>.Multiply, &Tile<V, Eleven, One>.Multiply, &Tile<V, Twelve, One>.Multiply,
    ];

    private static readonly delegate*<float*, nint, nint, float*, nint, float*, nint, nint, bool, void>[] Wide =
    [
        null,
        &Tile<V, One, Two>.Multiply, &Tile<V, Two, Two>.Multiply, &Tile<V, Three, Two>.Multiply,
        &Tile<V, Four, Two>.Multiply, &Tile<V, Five, Two>.Multiply, &Tile<V, Six, Two>.Multiply,
        &Tile<V, Seven, Two>.Multiply, &Tile<V, Eight, Two>.Multiply, &Tile<V, Nine, Two>.Multiply,
        &Tile<V, Ten, Two>.Multiply, &Tile<V, Eleven, Two>.Multiply, &Tile<V, Twelve, Two>.Multiply,
    ];

    /// <summary>Columns of a panel.</summary>
    public static int Width => 2 * V.Count;

    /// <summary>
    /// One tile: <paramref name="rows"/> is 1 … <see cref="ISimd{T}.TileRows"/>, the columns are those of one register or,
    /// where it is <paramref name="wide"/>, two; see <see cref="Tile{V, TRows, TRegisters}"/>.
    /// </summary>
    public static void Multiply(
        int rows, bool wide, float* a, nint aStride, nint aStep, float* b, nint bStride, float* c, nint cStride,
        nint depth, bool accumulate) =>
        (wide ? Wide : Narrow)[rows](a, aStride, aStep, b, bStride, c, cStride, depth, accumulate);

    /// <summary>
    /// c (+)= a·b for one row over <see cref="StripPanels"/> panels at once: eight independent sums, as many as hide the
    /// latency of a multiply-add. The sums run as those of <see cref="Tile{V, TRows, TRegisters}"/> do.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Strip(float* a, float* b, nint panelStride, float* c, nint depth, bool accumulate)
    {
        V s0 = default, s1 = default, s2 = default, s3 = default;
        V s4 = default, s5 = default, s6 = default, s7 = default;
        if (accumulate)
        {
            (s0, s1, s2, s3) = (V.Load(c), V.Load(c + V.Count), V.Load(c + 2 * V.Count), V.Load(c + 3 * V.Count));
            var rest = c + 4 * V.Count;
            (s4, s5, s6, s7) =
                (V.Load(rest), V.Load(rest + V.Count), V.Load(rest + 2 * V.Count), V.Load(rest + 3 * V.Count));
        }

        float* b0 = b, b1 = b + panelStride, b2 = b1 + panelStride, b3 = b2 + panelStride;
        for (nint p = 0; p < depth; p++)
        {
            var factor = V.Broadcast(a[p]);
            s0 = V.MultiplyAdd(factor, V.Load(b0), s0);
            s1 = V.MultiplyAdd(factor, V.Load(b0 + V.Count), s1);
            s2 = V.MultiplyAdd(factor, V.Load(b1), s2);
            s3 = V.MultiplyAdd(factor, V.Load(b1 + V.Count), s3);
            s4 = V.MultiplyAdd(factor, V.Load(b2), s4);
            s5 = V.MultiplyAdd(factor, V.Load(b2 + V.Count), s5);
            s6 = V.MultiplyAdd(factor, V.Load(b3), s6);
            s7 = V.MultiplyAdd(factor, V.Load(b3 + V.Count), s7);
            b0 += 2 * V.Count;
            b1 += 2 * V.Count;
            b2 += 2 * V.Count;
            b3 += 2 * V.Count;
        }

        V.Store(s0, c);
        V.Store(s1, c + V.Count);
        V.Store(s2, c + 2 * V.Count);
        V.Store(s3, c + 3 * V.Count);
        V.Store(s4, c + 4 * V.Count);
        V.Store(s5, c + 5 * V.Count);
        V.Store(s6, c + 6 * V.Count);
        V.Store(s7, c + 7 * V.Count);
    }
}
