namespace SoupsActors.Tensors.Cpu;

/// <content>Functions of one number.</content>
internal sealed partial class CpuBackend<V>
{
    public override void Unary(UnaryOp op, Block x, Block y)
    {
        Arguments.Same(y, x);
        var (from, to) = (Resolve(x), Resolve(y));
        switch (op)
        {
            case UnaryOp.Negate:
                Each(default(Negate), to, from);
                break;
            case UnaryOp.Exp:
                Each(default(Exp), to, from);
                break;
            case UnaryOp.Log:
                Each(default(Log), to, from);
                break;
            case UnaryOp.Square:
                Each(default(Square), to, from);
                break;
            case UnaryOp.Sqrt:
                Each(default(Sqrt), to, from);
                break;
            case UnaryOp.Abs:
                Each(default(Abs), to, from);
                break;
            case UnaryOp.Sigmoid:
                Each(default(Sigmoid), to, from);
                break;
            case UnaryOp.LogSigmoid:
                Each(default(LogSigmoid), to, from);
                break;
            case UnaryOp.Tanh:
                Each(default(Tanh), to, from);
                break;
            case UnaryOp.Silu:
                Each(default(Silu), to, from);
                break;
            case UnaryOp.Relu:
                Each(default(Relu), to, from);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(op), op, "Unknown function.");
        }
    }

    public override void UnaryBackwardAccumulate(UnaryOp op, Block x, Block y, Block dy, Block dx)
    {
        Arguments.Same(y, x);
        Arguments.Same(dy, x);
        Arguments.Same(dx, x);
        var (from, result, above, to) = (Resolve(x), Resolve(y), Resolve(dy), Resolve(dx));
        switch (op)
        {
            case UnaryOp.Negate:
                Each(default(NegateBackward), to, to, from, result, above);
                break;
            case UnaryOp.Exp:
                Each(default(ExpBackward), to, to, from, result, above);
                break;
            case UnaryOp.Log:
                Each(default(LogBackward), to, to, from, result, above);
                break;
            case UnaryOp.Square:
                Each(default(SquareBackward), to, to, from, result, above);
                break;
            case UnaryOp.Sqrt:
                Each(default(SqrtBackward), to, to, from, result, above);
                break;
            case UnaryOp.Abs:
                Each(default(AbsBackward), to, to, from, result, above);
                break;
            case UnaryOp.Sigmoid:
                Each(default(SigmoidBackward), to, to, from, result, above);
                break;
            case UnaryOp.LogSigmoid:
                Each(default(LogSigmoidBackward), to, to, from, result, above);
                break;
            case UnaryOp.Tanh:
                Each(default(TanhBackward), to, to, from, result, above);
                break;
            case UnaryOp.Silu:
                Each(default(SiluBackward), to, to, from, result, above);
                break;
            case UnaryOp.Relu:
                Each(default(ReluBackward), to, to, from, result, above);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(op), op, "Unknown function.");
        }
    }

    private void Each<TFunction>(
        TFunction function, View y, View a, View b = default, View c = default, View d = default)
        where TFunction : unmanaged, IElementFunction<V> =>
        new ElementWork<V, TFunction>(function, y, a, b, c, d).RunOn(Pool);

    private readonly struct Negate : IElementFunction<V>
    {
        public static int Inputs => 1;

        public V Apply(V a, V b, V c, V d) => -a;
    }

    private readonly struct Exp : IElementFunction<V>
    {
        public static int Inputs => 1;

        public V Apply(V a, V b, V c, V d) => Functions.Exp(a);
    }

    private readonly struct Log : IElementFunction<V>
    {
        public static int Inputs => 1;

        public V Apply(V a, V b, V c, V d) => V.Log(a);
    }

    private readonly struct Square : IElementFunction<V>
    {
        public static int Inputs => 1;

        public V Apply(V a, V b, V c, V d) => a * a;
    }

    private readonly struct Sqrt : IElementFunction<V>
    {
        public static int Inputs => 1;

        public V Apply(V a, V b, V c, V d) => V.Sqrt(a);
    }

    private readonly struct Abs : IElementFunction<V>
    {
        public static int Inputs => 1;

        public V Apply(V a, V b, V c, V d) => V.Abs(a);
    }

    private readonly struct Sigmoid : IElementFunction<V>
    {
        public static int Inputs => 1;

        public V Apply(V a, V b, V c, V d) => Functions.Sigmoid(a);
    }

    private readonly struct LogSigmoid : IElementFunction<V>
    {
        public static int Inputs => 1;

        public V Apply(V a, V b, V c, V d) => Functions.LogSigmoid(a);
    }

    private readonly struct Tanh : IElementFunction<V>
    {
        public static int Inputs => 1;

        public V Apply(V a, V b, V c, V d) => Functions.Tanh(a);
    }

    private readonly struct Silu : IElementFunction<V>
    {
        public static int Inputs => 1;

        public V Apply(V a, V b, V c, V d) => a * Functions.Sigmoid(a);
    }

    private readonly struct Relu : IElementFunction<V>
    {
        public static int Inputs => 1;

        public V Apply(V a, V b, V c, V d) => V.Max(a, V.Broadcast(0f));
    }

    // Backward functions read a = dx, b = x, c = y and d = dy.
    private readonly struct NegateBackward : IElementFunction<V>
    {
        public static int Inputs => 4;

        public V Apply(V a, V b, V c, V d) => a - d;
    }

    private readonly struct ExpBackward : IElementFunction<V>
    {
        public static int Inputs => 4;

        public V Apply(V a, V b, V c, V d) => V.MultiplyAdd(d, c, a);
    }

    private readonly struct LogBackward : IElementFunction<V>
    {
        public static int Inputs => 4;

        public V Apply(V a, V b, V c, V d) => a + d / b;
    }

    private readonly struct SquareBackward : IElementFunction<V>
    {
        public static int Inputs => 4;

        public V Apply(V a, V b, V c, V d) => V.MultiplyAdd(d, b + b, a);
    }

    private readonly struct SqrtBackward : IElementFunction<V>
    {
        public static int Inputs => 4;

        public V Apply(V a, V b, V c, V d) => V.MultiplyAdd(d, V.Broadcast(0.5f) / c, a);
    }

    private readonly struct AbsBackward : IElementFunction<V>
    {
        public static int Inputs => 4;

        public V Apply(V a, V b, V c, V d) =>
            V.IfLessOrEqual(b, V.Broadcast(0f), V.IfLessOrEqual(V.Broadcast(0f), b, a, a - d), a + d);
    }

    private readonly struct SigmoidBackward : IElementFunction<V>
    {
        public static int Inputs => 4;

        public V Apply(V a, V b, V c, V d) => V.MultiplyAdd(d, c * (V.Broadcast(1f) - c), a);
    }

    private readonly struct LogSigmoidBackward : IElementFunction<V>
    {
        public static int Inputs => 4;

        public V Apply(V a, V b, V c, V d) => V.MultiplyAdd(d, Functions.Sigmoid(-b), a);
    }

    private readonly struct TanhBackward : IElementFunction<V>
    {
        public static int Inputs => 4;

        public V Apply(V a, V b, V c, V d) => V.MultiplyAdd(d, V.Broadcast(1f) - c * c, a);
    }

    private readonly struct SiluBackward : IElementFunction<V>
    {
        public static int Inputs => 4;

        public V Apply(V a, V b, V c, V d) => V.MultiplyAdd(d, Functions.SiluSlope(b), a);
    }

    private readonly struct ReluBackward : IElementFunction<V>
    {
        public static int Inputs => 4;

        public V Apply(V a, V b, V c, V d) => V.IfLessOrEqual(b, V.Broadcast(0f), a, a + d);
    }
}
