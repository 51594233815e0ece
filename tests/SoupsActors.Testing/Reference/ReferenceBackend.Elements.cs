using SoupsActors.Tensors;

namespace SoupsActors.Testing;

public sealed partial class ReferenceBackend
{
    public override void Unary(UnaryOp op, Block x, Block y)
    {
        Arguments.Same(y, x);
        Map(x, y, Function(op));

        static Func<double, double> Function(UnaryOp op) => op switch
        {
            UnaryOp.Negate => v => -v,
            UnaryOp.Exp => Math.Exp,
            UnaryOp.Log => Math.Log,
            UnaryOp.Square => v => v * v,
            UnaryOp.Sqrt => Math.Sqrt,
            UnaryOp.Abs => Math.Abs,
            UnaryOp.Sigmoid => Sigmoid,
            UnaryOp.LogSigmoid => v => Math.Min(v, 0) - Log1P(Math.Exp(-Math.Abs(v))),
            UnaryOp.Tanh => Math.Tanh,
            UnaryOp.Silu => v => v * Sigmoid(v),
            UnaryOp.Relu => v => Math.Max(v, 0),
            _ => throw new ArgumentOutOfRangeException(nameof(op), op, "Unknown function."),
        };
    }

    public override void UnaryBackwardAccumulate(UnaryOp op, Block x, Block y, Block dy, Block dx)
    {
        Arguments.Same(y, x);
        Arguments.Same(dy, x);
        Arguments.Same(dx, x);
        var (from, result, above, to) = (View(x), View(y), View(dy), View(dx));
        for (var i = 0; i < x.Rows; i++)
        {
            for (var j = 0; j < x.Columns; j++)
                to[i, j] = (float)(to[i, j] + above[i, j] * Derivative(op, from[i, j], result[i, j]));
        }

        static double Derivative(UnaryOp op, double x, double y) => op switch
        {
            UnaryOp.Negate => -1,
            UnaryOp.Exp => y,
            UnaryOp.Log => 1 / x,
            UnaryOp.Square => 2 * x,
            UnaryOp.Sqrt => 0.5 / y,
            UnaryOp.Abs => Math.Sign(x),
            UnaryOp.Sigmoid => y * (1 - y),
            UnaryOp.LogSigmoid => Sigmoid(-x),
            UnaryOp.Tanh => 1 - y * y,
            UnaryOp.Silu => Sigmoid(x) * (1 + x * Sigmoid(-x)),
            UnaryOp.Relu => x > 0 ? 1 : 0,
            _ => throw new ArgumentOutOfRangeException(nameof(op), op, "Unknown function."),
        };
    }

    public override void Binary(BinaryOp op, Block a, Block b, Block y)
    {
        Arguments.Repeats(b, a);
        Arguments.Same(y, a);
        var (left, right, to) = (View(a), View(b), View(y));
        for (var i = 0; i < a.Rows; i++)
        {
            for (var j = 0; j < a.Columns; j++)
                to[i, j] = (float)Apply(op, left[i, j], right[b.Rows == 1 ? 0 : i, b.Columns == 1 ? 0 : j]);
        }

        static double Apply(BinaryOp op, double a, double b) => op switch
        {
            BinaryOp.Add => a + b,
            BinaryOp.Subtract => a - b,
            BinaryOp.Multiply => a * b,
            BinaryOp.Divide => a / b,
            BinaryOp.Minimum => Math.Min(a, b),
            BinaryOp.Maximum => Math.Max(a, b),
            BinaryOp.LessOrEqual => a <= b ? 1 : 0,
            _ => throw new ArgumentOutOfRangeException(nameof(op), op, "Unknown function."),
        };
    }

    public override void AddScaled(float alpha, Block x, Block y)
    {
        Arguments.Same(y, x);
        var (from, to) = (View(x), View(y));
        for (var i = 0; i < x.Rows; i++)
        {
            for (var j = 0; j < x.Columns; j++)
                to[i, j] = (float)(to[i, j] + (double)alpha * from[i, j]);
        }
    }

    public override void Affine(float alpha, float beta, Block x, Block y)
    {
        Arguments.Same(y, x);
        Map(x, y, v => (double)alpha * v + beta);
    }

    public override void ScaleRowsAccumulate(Block x, Block s, Block y)
    {
        Arguments.Same(y, x);
        Arguments.Shape(s, x.Rows, 1);
        var (from, scale, to) = (View(x), View(s), View(y));
        for (var i = 0; i < x.Rows; i++)
        {
            for (var j = 0; j < x.Columns; j++)
                to[i, j] = (float)(to[i, j] + (double)from[i, j] * scale[i, 0]);
        }
    }

    public override void AdamW(Block w, Block g, Block m, Block v, in AdamWStep step)
    {
        Arguments.Same(g, w);
        Arguments.Same(m, w);
        Arguments.Same(v, w);
        var (weight, gradient, first, second) = (View(w), View(g), View(m), View(v));
        var (beta1, beta2) = ((double)step.Beta1, (double)step.Beta2);
        var firstBias = 1 - Math.Pow(beta1, step.Step);
        var secondBias = 1 - Math.Pow(beta2, step.Step);
        for (var i = 0; i < w.Rows; i++)
        {
            for (var j = 0; j < w.Columns; j++)
            {
                var slope = (double)gradient[i, j] * step.GradientScale;
                var mean = beta1 * first[i, j] + (1 - beta1) * slope;
                var square = beta2 * second[i, j] + (1 - beta2) * slope * slope;
                var update = mean / firstBias / (Math.Sqrt(square / secondBias) + step.Epsilon);
                var old = (double)weight[i, j];
                weight[i, j] = (float)(old - step.LearningRate * (update + step.WeightDecay * old));
                first[i, j] = (float)mean;
                second[i, j] = (float)square;
            }
        }
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Log1P(double x) => x < 1e-8 ? x : Math.Log(1 + x);

    private void Map(Block x, Block y, Func<double, double> function)
    {
        var (from, to) = (View(x), View(y));
        for (var i = 0; i < x.Rows; i++)
        {
            for (var j = 0; j < x.Columns; j++)
                to[i, j] = (float)function(from[i, j]);
        }
    }
}
