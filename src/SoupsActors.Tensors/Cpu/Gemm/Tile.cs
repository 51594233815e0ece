using System.Runtime.CompilerServices;

namespace SoupsActors.Tensors.Cpu;

/// <summary>
/// The inner loop of every matrix product: rows × one or two registers of sums over the whole depth. Written once for
/// twelve rows and two registers; with fewer, the JIT removes the lines of the missing ones.
/// </summary>
/// <remarks>
/// Each sum runs over the depth from first to last with one multiply-add a step, so its bits are the same for any number
/// of rows in the tile and any place in it.
/// </remarks>
internal static unsafe class Tile<V, TRows, TRegisters>
    where V : unmanaged, ISimd<V>
    where TRows : IConstant
    where TRegisters : IConstant
{
    /// <summary>c (+)= a·b.</summary>
    /// <param name="a">Rows of numbers, read where they lie: a transposed operand is one with its strides exchanged.</param>
    /// <param name="aStride">Numbers from one row of a to the next.</param>
    /// <param name="aStep">Numbers from one step of the depth to the next in a row of a.</param>
    /// <param name="b">Depth × registers.</param>
    /// <param name="bStride">Numbers from one step of the depth to the next in b.</param>
    /// <param name="c">Rows of registers.</param>
    /// <param name="cStride">Numbers from one row of c to the next.</param>
    /// <param name="depth">Length of the sums.</param>
    /// <param name="accumulate">Starts from c rather than from zero.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(
        float* a, nint aStride, nint aStep, float* b, nint bStride, float* c, nint cStride, nint depth, bool accumulate)
    {
        V s00 = default, s01 = default, s10 = default, s11 = default, s20 = default, s21 = default,
            s30 = default, s31 = default, s40 = default, s41 = default, s50 = default, s51 = default,
            s60 = default, s61 = default, s70 = default, s71 = default, s80 = default, s81 = default,
            s90 = default, s91 = default, s100 = default, s101 = default, s110 = default, s111 = default;
        if (accumulate)
        {
            Start(c, out s00, out s01);
            if (TRows.Value > 1)
                Start(c + 1 * cStride, out s10, out s11);
            if (TRows.Value > 2)
                Start(c + 2 * cStride, out s20, out s21);
            if (TRows.Value > 3)
                Start(c + 3 * cStride, out s30, out s31);
            if (TRows.Value > 4)
                Start(c + 4 * cStride, out s40, out s41);
            if (TRows.Value > 5)
                Start(c + 5 * cStride, out s50, out s51);
            if (TRows.Value > 6)
                Start(c + 6 * cStride, out s60, out s61);
            if (TRows.Value > 7)
                Start(c + 7 * cStride, out s70, out s71);
            if (TRows.Value > 8)
                Start(c + 8 * cStride, out s80, out s81);
            if (TRows.Value > 9)
                Start(c + 9 * cStride, out s90, out s91);
            if (TRows.Value > 10)
                Start(c + 10 * cStride, out s100, out s101);
            if (TRows.Value > 11)
                Start(c + 11 * cStride, out s110, out s111);
        }

        // Rows in threes, so that each address is a base plus no, one or two strides.
        float* a0 = a, a3 = a + 3 * aStride, a6 = a + 6 * aStride, a9 = a + 9 * aStride;
        for (nint p = 0; p < depth; p++)
        {
            V b0 = V.Load(b), b1 = default;
            if (TRegisters.Value > 1)
                b1 = V.Load(b + V.Count);
            b += bStride;
            Add(*a0, b0, b1, ref s00, ref s01);
            if (TRows.Value > 1)
                Add(*(a0 + aStride), b0, b1, ref s10, ref s11);
            if (TRows.Value > 2)
                Add(*(a0 + 2 * aStride), b0, b1, ref s20, ref s21);
            if (TRows.Value > 3)
                Add(*a3, b0, b1, ref s30, ref s31);
            if (TRows.Value > 4)
                Add(*(a3 + aStride), b0, b1, ref s40, ref s41);
            if (TRows.Value > 5)
                Add(*(a3 + 2 * aStride), b0, b1, ref s50, ref s51);
            if (TRows.Value > 6)
                Add(*a6, b0, b1, ref s60, ref s61);
            if (TRows.Value > 7)
                Add(*(a6 + aStride), b0, b1, ref s70, ref s71);
            if (TRows.Value > 8)
                Add(*(a6 + 2 * aStride), b0, b1, ref s80, ref s81);
            if (TRows.Value > 9)
                Add(*a9, b0, b1, ref s90, ref s91);
            if (TRows.Value > 10)
                Add(*(a9 + aStride), b0, b1, ref s100, ref s101);
            if (TRows.Value > 11)
                Add(*(a9 + 2 * aStride), b0, b1, ref s110, ref s111);
            a0 += aStep;
            a3 += aStep;
            a6 += aStep;
            a9 += aStep;
        }

        Finish(c, s00, s01);
        if (TRows.Value > 1)
            Finish(c + 1 * cStride, s10, s11);
        if (TRows.Value > 2)
            Finish(c + 2 * cStride, s20, s21);
        if (TRows.Value > 3)
            Finish(c + 3 * cStride, s30, s31);
        if (TRows.Value > 4)
            Finish(c + 4 * cStride, s40, s41);
        if (TRows.Value > 5)
            Finish(c + 5 * cStride, s50, s51);
        if (TRows.Value > 6)
            Finish(c + 6 * cStride, s60, s61);
        if (TRows.Value > 7)
            Finish(c + 7 * cStride, s70, s71);
        if (TRows.Value > 8)
            Finish(c + 8 * cStride, s80, s81);
        if (TRows.Value > 9)
            Finish(c + 9 * cStride, s90, s91);
        if (TRows.Value > 10)
            Finish(c + 10 * cStride, s100, s101);
        if (TRows.Value > 11)
            Finish(c + 11 * cStride, s110, s111);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Start(float* c, out V s0, out V s1)
    {
        s0 = V.Load(c);
        s1 = TRegisters.Value > 1 ? V.Load(c + V.Count) : default;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float a, V b0, V b1, ref V s0, ref V s1)
    {
        var factor = V.Broadcast(a);
        s0 = V.MultiplyAdd(factor, b0, s0);
        if (TRegisters.Value > 1)
            s1 = V.MultiplyAdd(factor, b1, s1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(float* c, V s0, V s1)
    {
        V.Store(s0, c);
        if (TRegisters.Value > 1)
            V.Store(s1, c + V.Count);
    }
}
