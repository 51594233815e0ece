using System.Runtime.CompilerServices;

namespace SoupsActors.Tensors.Cpu;

/// <summary>One number: what runs where no vector unit may be used.</summary>
[method: MethodImpl(MethodImplOptions.AggressiveInlining)]
internal readonly unsafe struct SimdScalar(float value) : ISimd<SimdScalar>
{
    private readonly float value = value;

    public static int Count => 1;

    public static int TileRows => 6;

    public static SimdScalar Load(float* from) => new(*from);

    public static void Store(SimdScalar value, float* to) => *to = value.value;

    public static SimdScalar Broadcast(float value) => new(value);

    public static SimdScalar MultiplyAdd(SimdScalar a, SimdScalar b, SimdScalar c) =>
        new(float.MultiplyAddEstimate(a.value, b.value, c.value));

    public static SimdScalar Min(SimdScalar a, SimdScalar b) => new(MathF.Min(a.value, b.value));

    public static SimdScalar Max(SimdScalar a, SimdScalar b) => new(MathF.Max(a.value, b.value));

    public static SimdScalar Clamp(SimdScalar x, SimdScalar low, SimdScalar high) =>
        new(Math.Clamp(x.value, low.value, high.value));

    public static SimdScalar Sqrt(SimdScalar x) => new(MathF.Sqrt(x.value));

    public static SimdScalar Abs(SimdScalar x) => new(MathF.Abs(x.value));

    public static SimdScalar Floor(SimdScalar x) => new(MathF.Floor(x.value));

    public static SimdScalar Log(SimdScalar x) => new(MathF.Log(x.value));

    public static SimdScalar PowerOfTwo(SimdScalar n) =>
        new(BitConverter.Int32BitsToSingle(((int)n.value + 127) << 23));

    public static SimdScalar IfLessOrEqual(SimdScalar a, SimdScalar b, SimdScalar then, SimdScalar otherwise) =>
        a.value <= b.value ? then : otherwise;

    public static float Sum(SimdScalar x) => x.value;

    public static float Largest(SimdScalar x) => x.value;

    public static SimdScalar operator +(SimdScalar a, SimdScalar b) => new(a.value + b.value);

    public static SimdScalar operator -(SimdScalar a, SimdScalar b) => new(a.value - b.value);

    public static SimdScalar operator *(SimdScalar a, SimdScalar b) => new(a.value * b.value);

    public static SimdScalar operator /(SimdScalar a, SimdScalar b) => new(a.value / b.value);

    public static SimdScalar operator -(SimdScalar x) => new(-x.value);
}
