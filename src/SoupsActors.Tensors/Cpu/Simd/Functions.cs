using System.Runtime.CompilerServices;

namespace SoupsActors.Tensors.Cpu;

/// <summary>Elementary functions of a register, each within a few units of the last place.</summary>
internal static unsafe class Functions
{
    /// <summary>eˣ over the whole range, subnormal results included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<V>(V x)
        where V : unmanaged, ISimd<V>
    {
        // x = n·ln 2 + r with |r| ≤ ln 2 / 2, ln 2 in two parts (Cody and Waite); 2ⁿ is applied as two factors, since n
        // may leave the exponent's range at both ends.
        x = V.Clamp(x, V.Broadcast(-104f), V.Broadcast(89f));
        var n = V.Floor(V.MultiplyAdd(x, V.Broadcast(1.44269504f), V.Broadcast(0.5f)));
        var r = V.MultiplyAdd(n, V.Broadcast(-0.693359375f), x);
        r = V.MultiplyAdd(n, V.Broadcast(2.12194440e-4f), r);
        var p = V.Broadcast(1.9875691500e-4f);
        p = V.MultiplyAdd(p, r, V.Broadcast(1.3981999507e-3f));
        p = V.MultiplyAdd(p, r, V.Broadcast(8.3334519073e-3f));
        p = V.MultiplyAdd(p, r, V.Broadcast(4.1665795894e-2f));
        p = V.MultiplyAdd(p, r, V.Broadcast(1.6666665459e-1f));
        p = V.MultiplyAdd(p, r, V.Broadcast(5.0000001201e-1f));
        p = V.MultiplyAdd(p * r, r, r) + V.Broadcast(1f);
        var half = V.Floor(n * V.Broadcast(0.5f));
        return p * V.PowerOfTwo(half) * V.PowerOfTwo(n - half);
    }

    /// <summary>1 / (1 + e⁻ˣ)</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<V>(V x)
        where V : unmanaged, ISimd<V> =>
        V.Broadcast(1f) / (V.Broadcast(1f) + Exp(-x));

    /// <summary>d(x·σ(x))/dx = σ(x)·(1 + x·σ(−x))</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SiluSlope<V>(V x)
        where V : unmanaged, ISimd<V> =>
        Sigmoid(x) * V.MultiplyAdd(x, Sigmoid(-x), V.Broadcast(1f));

    /// <summary>ln σ(x) = min(x, 0) − ln(1 + e^−|x|)</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LogSigmoid<V>(V x)
        where V : unmanaged, ISimd<V>
    {
        // ln(1 + e) = ln(u)·e / (u − 1) with u = 1 + e as rounded, which keeps small e exact (Kahan).
        var one = V.Broadcast(1f);
        var e = Exp(-V.Abs(x));
        var u = one + e;
        var log = V.IfLessOrEqual(u, one, e, V.Log(u) * e / (u - one));
        return V.Min(x, V.Broadcast(0f)) - log;
    }

    /// <summary>tanh x</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh<V>(V x)
        where V : unmanaged, ISimd<V>
    {
        var (one, two) = (V.Broadcast(1f), V.Broadcast(2f));
        var size = V.Abs(x);
        var large = one - two / (Exp(size + size) + one);
        large = V.IfLessOrEqual(x, V.Broadcast(0f), -large, large);
        var square = x * x;
        var p = V.Broadcast(-5.70498872745e-3f);
        p = V.MultiplyAdd(p, square, V.Broadcast(2.06390887954e-2f));
        p = V.MultiplyAdd(p, square, V.Broadcast(-5.37397155531e-2f));
        p = V.MultiplyAdd(p, square, V.Broadcast(1.33314422036e-1f));
        p = V.MultiplyAdd(p, square, V.Broadcast(-3.33332819422e-1f));
        var small = V.MultiplyAdd(p * square, x, x);
        return V.IfLessOrEqual(size, V.Broadcast(0.625f), small, large);
    }

    /// <summary>The first <paramref name="count"/> numbers, the others <paramref name="padding"/>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static V LoadPartial<V>(float* from, int count, float padding = 0f)
        where V : unmanaged, ISimd<V>
    {
        var padded = V.Broadcast(padding);
        Unsafe.CopyBlockUnaligned(&padded, from, (uint)count * sizeof(float));
        return padded;
    }

    /// <summary>Stores the first <paramref name="count"/> numbers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void StorePartial<V>(V value, float* to, int count)
        where V : unmanaged, ISimd<V> =>
        Unsafe.CopyBlockUnaligned(to, &value, (uint)count * sizeof(float));
}
