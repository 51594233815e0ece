namespace SoupsActors.Tensors.Cpu;

/// <summary>
/// A register of fp32 numbers. Kernels are written once over this interface; the four implementations (512, 256 and 128
/// bits, and a single number) differ in width alone, and the JIT compiles each kernel for each of them.
/// </summary>
/// <remarks>
/// Tails of a row are handled by the same instructions as its body, on a register padded with zeros, so that a result
/// never depends on where in a row its input stands.
/// </remarks>
internal unsafe interface ISimd<T>
    where T : unmanaged, ISimd<T>
{
    /// <summary>Numbers in the register.</summary>
    static abstract int Count { get; }

    /// <summary>Rows of the largest tile of a matrix product whose sums fit the register file.</summary>
    static abstract int TileRows { get; }

    static abstract T Load(float* from);

    static abstract void Store(T value, float* to);

    static abstract T Broadcast(float value);

    /// <summary>a · b + c, rounded once where the machine can.</summary>
    static abstract T MultiplyAdd(T a, T b, T c);

    /// <summary>The smaller number of each pair; NaN if either is NaN.</summary>
    static abstract T Min(T a, T b);

    /// <summary>The larger number of each pair; NaN if either is NaN.</summary>
    static abstract T Max(T a, T b);

    /// <summary>x within [low, high]; NaN stays NaN.</summary>
    static abstract T Clamp(T x, T low, T high);

    static abstract T Sqrt(T x);

    static abstract T Abs(T x);

    static abstract T Floor(T x);

    /// <summary>ln x.</summary>
    static abstract T Log(T x);

    /// <summary>2ⁿ for whole n in −126 … 127.</summary>
    static abstract T PowerOfTwo(T n);

    /// <summary>
    /// Where a ≤ b the number of <paramref name="then"/>, elsewhere that of <paramref name="otherwise"/>.
    /// </summary>
    static abstract T IfLessOrEqual(T a, T b, T then, T otherwise);

    /// <summary>The sum of all numbers, in an order that depends on the width alone.</summary>
    static abstract float Sum(T x);

    /// <summary>The largest number.</summary>
    static abstract float Largest(T x);

    static abstract T operator +(T a, T b);

    static abstract T operator -(T a, T b);

    static abstract T operator *(T a, T b);

    static abstract T operator /(T a, T b);

    static abstract T operator -(T x);
}
