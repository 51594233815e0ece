using System.Runtime.CompilerServices;

namespace SoupsActors.Tensors.Cpu;

/// <summary>A term of a sum over a row, from the numbers of one or two rows.</summary>
internal interface ITerm<V>
{
    /// <summary>What pads the last register; its term must be 0.</summary>
    static virtual float Padding => 0f;

    V Of(V a, V b);
}

/// <summary>Sums and maxima of a row in an order that depends on its length alone.</summary>
internal static unsafe class RowSums<V>
    where V : unmanaged, ISimd<V>
{
    /// <summary>Σ term(a[j], b[j]) in four interleaved sums, which hide the latency of an addition.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Sum<TTerm>(TTerm term, float* a, float* b, int length)
        where TTerm : struct, ITerm<V>
    {
        V s0 = default, s1 = default, s2 = default, s3 = default;
        var (j, one, two, three) = (0, V.Count, 2 * V.Count, 3 * V.Count);
        for (; j + 4 * V.Count <= length; j += 4 * V.Count)
        {
            s0 += term.Of(V.Load(a + j), V.Load(b + j));
            s1 += term.Of(V.Load(a + j + one), V.Load(b + j + one));
            s2 += term.Of(V.Load(a + j + two), V.Load(b + j + two));
            s3 += term.Of(V.Load(a + j + three), V.Load(b + j + three));
        }

        for (; j + V.Count <= length; j += V.Count)
            s0 += term.Of(V.Load(a + j), V.Load(b + j));
        var rest = length - j;
        if (rest > 0)
        {
            var lastA = Functions.LoadPartial<V>(a + j, rest, TTerm.Padding);
            s1 += term.Of(lastA, Functions.LoadPartial<V>(b + j, rest, TTerm.Padding));
        }

        return V.Sum((s0 + s1) + (s2 + s3));
    }

    /// <summary>The largest number, −∞ if there is none, NaN if there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Maximum(float* a, int length)
    {
        var largest = V.Broadcast(float.NegativeInfinity);
        var j = 0;
        for (; j + V.Count <= length; j += V.Count)
            largest = V.Max(largest, V.Load(a + j));
        if (j < length)
            largest = V.Max(largest, Functions.LoadPartial<V>(a + j, length - j, float.NegativeInfinity));
        return V.Largest(largest);
    }

    /// <summary>The largest number m and Σ exp(a[j] − m).</summary>
    public static (float Maximum, float Sum) SumOfExponentials(float* a, int length)
    {
        var maximum = Maximum(a, length);
        return float.IsInfinity(maximum)
            ? (maximum, 1f)
            : (maximum, Sum(new ShiftedExponential(maximum), a, a, length));
    }

    /// <summary>log Σ exp(a[j]), without overflow.</summary>
    public static float LogSumExp(float* a, int length)
    {
        var (maximum, sum) = SumOfExponentials(a, length);
        return maximum + MathF.Log(sum);
    }

    /// <summary>Replaces a[j] by exp(a[j] − shift) and returns their sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Exponentiate(float* a, float* to, int length, float shift)
    {
        var (sum, down, j) = (V.Broadcast(0f), V.Broadcast(shift), 0);
        for (; j + V.Count <= length; j += V.Count)
        {
            var e = Functions.Exp(V.Load(a + j) - down);
            V.Store(e, to + j);
            sum += e;
        }

        if (j < length)
        {
            var e = Functions.Exp(Functions.LoadPartial<V>(a + j, length - j, float.NegativeInfinity) - down);
            Functions.StorePartial(e, to + j, length - j);
            sum += e;
        }

        return V.Sum(sum);
    }

    public readonly struct Number : ITerm<V>
    {
        public V Of(V a, V b) => a;
    }

    public readonly struct Product : ITerm<V>
    {
        public V Of(V a, V b) => a * b;
    }

    private readonly struct ShiftedExponential(float shift) : ITerm<V>
    {
        public static float Padding => float.NegativeInfinity;

        public V Of(V a, V b) => Functions.Exp(a - V.Broadcast(shift));
    }
}
