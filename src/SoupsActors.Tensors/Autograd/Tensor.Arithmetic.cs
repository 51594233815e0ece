namespace SoupsActors.Tensors;

/// <content>Element-wise functions. The second operand may be one row, one column or one number, repeated as needed.</content>
public sealed partial class Tensor
{
    /// <summary>a + b.</summary>
    public static Tensor operator +(Tensor a, Tensor b) => a.Combine(BinaryOp.Add, b);

    /// <summary>a − b.</summary>
    public static Tensor operator -(Tensor a, Tensor b) => a.Combine(BinaryOp.Subtract, b);

    /// <summary>a · b, element by element.</summary>
    public static Tensor operator *(Tensor a, Tensor b) => a.Combine(BinaryOp.Multiply, b);

    /// <summary>a / b, element by element.</summary>
    public static Tensor operator /(Tensor a, Tensor b) => a.Combine(BinaryOp.Divide, b);

    /// <summary>a · s.</summary>
    public static Tensor operator *(Tensor a, float s) => a.Affine(s, 0);

    /// <summary>s · a.</summary>
    public static Tensor operator *(float s, Tensor a) => a.Affine(s, 0);

    /// <summary>a / s.</summary>
    public static Tensor operator /(Tensor a, float s) => a.Affine(1f / s, 0);

    /// <summary>a + s.</summary>
    public static Tensor operator +(Tensor a, float s) => a.Affine(1, s);

    /// <summary>a − s.</summary>
    public static Tensor operator -(Tensor a, float s) => a.Affine(1, -s);

    /// <summary>s − a.</summary>
    public static Tensor operator -(float s, Tensor a) => a.Affine(-1, s);

    /// <summary>−a.</summary>
    public static Tensor operator -(Tensor a) => a.Affine(-1, 0);

    /// <summary>α·x + β.</summary>
    public Tensor Affine(float alpha, float beta) => Result(
        Rows,
        Columns,
        y => Backend.Affine(alpha, beta, Value, y),
        RequiresGradient,
        y => Backend.AddScaled(alpha, y.Gradient, GradientToAccumulate()));

    /// <summary>eˣ.</summary>
    public Tensor Exp() => Map(UnaryOp.Exp);

    /// <summary>ln x.</summary>
    public Tensor Log() => Map(UnaryOp.Log);

    /// <summary>x².</summary>
    public Tensor Square() => Map(UnaryOp.Square);

    /// <summary>√x.</summary>
    public Tensor Sqrt() => Map(UnaryOp.Sqrt);

    /// <summary>|x|.</summary>
    public Tensor Abs() => Map(UnaryOp.Abs);

    /// <summary>σ(x).</summary>
    public Tensor Sigmoid() => Map(UnaryOp.Sigmoid);

    /// <summary>ln σ(x).</summary>
    public Tensor LogSigmoid() => Map(UnaryOp.LogSigmoid);

    /// <summary>tanh x.</summary>
    public Tensor Tanh() => Map(UnaryOp.Tanh);

    /// <summary>The smaller of both; where they are equal the gradient goes to the first.</summary>
    public Tensor Minimum(Tensor other) => Combine(BinaryOp.Minimum, other);

    /// <summary>The larger of both; where they are equal the gradient goes to the second.</summary>
    public Tensor Maximum(Tensor other) => Combine(BinaryOp.Maximum, other);

    /// <summary>x kept within [low, high]; the gradient is zero outside.</summary>
    public Tensor Clamp(float low, float high) => Minimum(Tape.Constant(high)).Maximum(Tape.Constant(low));

    /// <summary>A function of each number.</summary>
    public Tensor Map(UnaryOp op) => Result(
        Rows,
        Columns,
        y => Backend.Unary(op, Value, y),
        RequiresGradient,
        y => Backend.UnaryBackwardAccumulate(op, Value, y.Value, y.Gradient, GradientToAccumulate()));

    private Tensor Combine(BinaryOp op, Tensor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Result(
            Rows,
            Columns,
            y => Backend.Binary(op, Value, other.Value, y),
            RequiresGradient || other.RequiresGradient,
            y => CombineBackward(op, this, other, y));
    }

    private static void CombineBackward(BinaryOp op, Tensor a, Tensor b, Tensor y)
    {
        var dy = y.Gradient;
        var backend = a.Backend;
        switch (op)
        {
            case BinaryOp.Add:
                b.AddReduced(dy, 1f);
                if (a.RequiresGradient)
                    y.MoveGradientTo(a);
                break;
            case BinaryOp.Subtract:
                a.AddToGradient(dy);
                b.AddReduced(dy, -1f);
                break;
            case BinaryOp.Multiply:
                WithScratch(a, t =>
                {
                    backend.Binary(BinaryOp.Multiply, dy, b.Value, t);
                    a.AddToGradient(t);
                    backend.Binary(BinaryOp.Multiply, dy, a.Value, t);
                    b.AddReduced(t, 1f);
                });
                break;
            case BinaryOp.Divide:
                WithScratch(a, t =>
                {
                    backend.Binary(BinaryOp.Divide, dy, b.Value, t);
                    a.AddToGradient(t);
                    backend.Binary(BinaryOp.Multiply, t, y.Value, t);
                    b.AddReduced(t, -1f);
                });
                break;
            case BinaryOp.Minimum or BinaryOp.Maximum:
                // The mask is 1 where a ≤ b: there the minimum is a, and the maximum is b.
                WithScratch(a, t =>
                {
                    backend.Binary(BinaryOp.LessOrEqual, a.Value, b.Value, t);
                    if (op == BinaryOp.Maximum)
                        backend.Affine(-1, 1, t, t);
                    backend.Binary(BinaryOp.Multiply, t, dy, t);
                    a.AddToGradient(t);
                    if (!b.RequiresGradient)
                        return;
                    backend.Affine(-1, 0, t, t);
                    backend.AddScaled(1, dy, t);
                    b.AddReduced(t, 1f);
                });
                break;
            default:
                throw new NotSupportedException($"{op} has no gradient.");
        }
    }

    private static void WithScratch(Tensor like, Action<Block> use)
    {
        var scratch = like.Tape.RentGradient(like.Rows, like.Columns);
        use(scratch);
        like.Tape.ReturnGradient(scratch);
    }

    /// <summary>Adds s·dy, summed over the rows or columns along which this operand was repeated.</summary>
    private void AddReduced(Block dy, float s)
    {
        if (!RequiresGradient)
            return;
        if (Rows == dy.Rows && Columns == dy.Columns && s.Equals(1f))
        {
            AddToGradient(dy);
            return;
        }

        var target = GradientToAccumulate();
        if (Rows == dy.Rows && Columns == dy.Columns)
        {
            Backend.AddScaled(s, dy, target);
            return;
        }

        var columnsSummed = dy;
        Block? scratch = null;
        if (Columns == 1 && dy.Columns != 1)
        {
            scratch = columnsSummed = Tape.RentGradient(dy.Rows, 1);
            Backend.ReduceColumns(ReduceOp.Sum, dy, columnsSummed);
        }

        if (Rows == columnsSummed.Rows)
        {
            Backend.AddScaled(s, columnsSummed, target);
        }
        else
        {
            var row = Tape.RentGradient(1, Columns);
            Backend.Fill(row, 0);
            Backend.SumRowsAccumulate(columnsSummed, row);
            Backend.AddScaled(s, row, target);
            Tape.ReturnGradient(row);
        }

        if (scratch is { } block)
            Tape.ReturnGradient(block);
    }
}
