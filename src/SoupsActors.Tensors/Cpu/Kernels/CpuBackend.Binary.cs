namespace SoupsActors.Tensors.Cpu;

/// <content>Functions of two numbers, gates, and the optimiser's step.</content>
internal sealed unsafe partial class CpuBackend<V>
{
    public override void Binary(BinaryOp op, Block a, Block b, Block y)
    {
        Arguments.Repeats(b, a);
        Arguments.Same(y, a);
        var (left, right, to) = (Resolve(a), Resolve(b), Resolve(y));
        var repeat = b.Columns != a.Columns;
        switch (op)
        {
            case BinaryOp.Add:
                Pairs(default(Add), to, left, right, repeat);
                break;
            case BinaryOp.Subtract:
                Pairs(default(Subtract), to, left, right, repeat);
                break;
            case BinaryOp.Multiply:
                Pairs(default(Multiply), to, left, right, repeat);
                break;
            case BinaryOp.Divide:
                Pairs(default(Divide), to, left, right, repeat);
                break;
            case BinaryOp.Minimum:
                Pairs(default(Minimum), to, left, right, repeat);
                break;
            case BinaryOp.Maximum:
                Pairs(default(Maximum), to, left, right, repeat);
                break;
            case BinaryOp.LessOrEqual:
                Pairs(default(LessOrEqual), to, left, right, repeat);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(op), op, "Unknown function.");
        }
    }

    public override void AddScaled(float alpha, Block x, Block y)
    {
        Arguments.Same(y, x);
        var (from, to) = (Resolve(x), Resolve(y));
        Each(new MultiplyAddConstant(alpha), to, to, from);
    }

    public override void Affine(float alpha, float beta, Block x, Block y)
    {
        Arguments.Same(y, x);
        Each(new AffineMap(alpha, beta), Resolve(y), Resolve(x));
    }

    public override void ScaleRowsAccumulate(Block x, Block s, Block y)
    {
        Arguments.Same(y, x);
        Arguments.Shape(s, x.Rows, 1);
        var (from, scale, to) = (Resolve(x), Resolve(s), Resolve(y));
        Pairs(default(MultiplyAdd), to, from, scale, repeat: true, to);
    }

    private void Pairs<TFunction>(TFunction function, View y, View a, View b, bool repeat, View c = default)
        where TFunction : unmanaged, IElementFunction<V>
    {
        var work = new ElementWork<V, TFunction>(function, y, a, b, c, default) { RepeatColumn = repeat };
        work.RunOn(Pool);
    }

    private readonly struct Add : IElementFunction<V>
    {
        public static int Inputs => 2;

        public V Apply(V a, V b, V c, V d) => a + b;
    }

    private readonly struct Subtract : IElementFunction<V>
    {
        public static int Inputs => 2;

        public V Apply(V a, V b, V c, V d) => a - b;
    }

    private readonly struct Multiply : IElementFunction<V>
    {
        public static int Inputs => 2;

        public V Apply(V a, V b, V c, V d) => a * b;
    }

    private readonly struct Divide : IElementFunction<V>
    {
        public static int Inputs => 2;

        public V Apply(V a, V b, V c, V d) => a / b;
    }

    private readonly struct Minimum : IElementFunction<V>
    {
        public static int Inputs => 2;

        public V Apply(V a, V b, V c, V d) => V.Min(a, b);
    }

    private readonly struct Maximum : IElementFunction<V>
    {
        public static int Inputs => 2;

        public V Apply(V a, V b, V c, V d) => V.Max(a, b);
    }

    private readonly struct LessOrEqual : IElementFunction<V>
    {
        public static int Inputs => 2;

        public V Apply(V a, V b, V c, V d) => V.IfLessOrEqual(a, b, V.Broadcast(1f), V.Broadcast(0f));
    }

    private readonly struct MultiplyAdd : IElementFunction<V>
    {
        public static int Inputs => 3;

        public V Apply(V a, V b, V c, V d) => V.MultiplyAdd(a, b, c);
    }

    private readonly struct MultiplyAddConstant(float alpha) : IElementFunction<V>
    {
        public static int Inputs => 2;

        public V Apply(V a, V b, V c, V d) => V.MultiplyAdd(V.Broadcast(alpha), b, a);
    }

    private readonly struct AffineMap(float alpha, float beta) : IElementFunction<V>
    {
        public static int Inputs => 1;

        public V Apply(V a, V b, V c, V d) => V.MultiplyAdd(V.Broadcast(alpha), a, V.Broadcast(beta));
    }
}
