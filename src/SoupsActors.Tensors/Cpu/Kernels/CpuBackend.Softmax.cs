namespace SoupsActors.Tensors.Cpu;

/// <content>Softmax and cross-entropy.</content>
internal sealed unsafe partial class CpuBackend<V>
{
    // An exponential costs about as much as this many loads and additions.
    private const int ExponentialWork = 4;

    public override void Softmax(Block x, Block y, bool log = false)
    {
        Arguments.Same(y, x);
        var work = new SoftmaxRows { X = Resolve(x), Y = Resolve(y), Log = log };
        ForRows(work, x.Rows, ExponentialWork * (long)x.Columns);
    }

    public override void SoftmaxBackwardAccumulate(Block y, Block dy, Block dx, bool log = false)
    {
        Arguments.Same(dy, y);
        Arguments.Same(dx, y);
        var work = new SoftmaxBackward { Y = Resolve(y), Above = Resolve(dy), To = Resolve(dx), Log = log };
        ForRows(work, y.Rows, ExponentialWork * (long)y.Columns);
    }

    public override void CrossEntropy(Block logits, ReadOnlySpan<int> targets, Block losses, Block logSumExp)
    {
        CheckTargets(logits, targets);
        Arguments.Shape(losses, logits.Rows, 1);
        Arguments.Shape(logSumExp, logits.Rows, 1);
        fixed (int* at = targets)
        {
            var work = new Loss
            {
                X = Resolve(logits),
                Targets = at,
                Losses = Resolve(losses),
                Totals = Resolve(logSumExp),
            };
            ForRows(work, logits.Rows, ExponentialWork * (long)logits.Columns);
        }
    }

    public override void CrossEntropyBackwardAccumulate(
        Block logits, ReadOnlySpan<int> targets, Block logSumExp, Block dlosses, Block dlogits)
    {
        CheckTargets(logits, targets);
        Arguments.Shape(logSumExp, logits.Rows, 1);
        Arguments.Shape(dlosses, logits.Rows, 1);
        Arguments.Same(dlogits, logits);
        fixed (int* at = targets)
        {
            var work = new LossBackward
            {
                X = Resolve(logits),
                Targets = at,
                Totals = Resolve(logSumExp),
                Above = Resolve(dlosses),
                To = Resolve(dlogits),
            };
            ForRows(work, logits.Rows, ExponentialWork * (long)logits.Columns);
        }
    }

    /// <summary>to[j] = f(to[j], from[j], second[j]) for one row.</summary>
    private static void UpdateRow<TFunction>(TFunction function, float* to, float* from, float* second, int columns)
        where TFunction : unmanaged, IElementFunction<V>
    {
        var work = new ElementWork<V, TFunction>(
            function, One(to, columns), One(to, columns), One(from, columns), One(second, columns), default);
        work.RunAlone();
    }

    private static View One(float* row, int columns) => new(row, 1, columns, columns);

    private static void CheckTargets(Block logits, ReadOnlySpan<int> targets)
    {
        Arguments.Length(targets.Length, logits.Rows);
        Arguments.Indices(targets, logits.Columns, int.MinValue);
    }

    private struct SoftmaxRows : IRowKernel
    {
        public View X;
        public View Y;
        public bool Log;

        public readonly void Row(int row)
        {
            if (Log)
            {
                var total = RowSums<V>.LogSumExp(X.Row(row), X.Columns);
                UpdateRow(new Shift(-total), Y.Row(row), X.Row(row), X.Row(row), X.Columns);
                return;
            }

            var maximum = RowSums<V>.Maximum(X.Row(row), X.Columns);
            var sum = RowSums<V>.Exponentiate(X.Row(row), Y.Row(row), X.Columns, maximum);
            UpdateRow(new Scale(1f / sum), Y.Row(row), Y.Row(row), Y.Row(row), X.Columns);
        }
    }

    private struct SoftmaxBackward : IRowKernel
    {
        public View Y;
        public View Above;
        public View To;
        public bool Log;

        public readonly void Row(int row)
        {
            var result = Y.Row(row);
            var above = Above.Row(row);
            if (Log)
            {
                var sum = RowSums<V>.Sum(default(RowSums<V>.Number), above, above, Y.Columns);
                UpdateRow(new LogSoftmaxSlope(sum), To.Row(row), result, above, Y.Columns);
                return;
            }

            var dot = RowSums<V>.Sum(default(RowSums<V>.Product), result, above, Y.Columns);
            UpdateRow(new SoftmaxSlope(dot), To.Row(row), result, above, Y.Columns);
        }
    }

    private struct Loss : IRowKernel
    {
        public View X;
        public int* Targets;
        public View Losses;
        public View Totals;

        public readonly void Row(int row)
        {
            var target = Targets[row];
            var total = target < 0 ? 0 : RowSums<V>.LogSumExp(X.Row(row), X.Columns);
            *Totals.Row(row) = total;
            *Losses.Row(row) = target < 0 ? 0 : total - X.Row(row)[target];
        }
    }

    private struct LossBackward : IRowKernel
    {
        public View X;
        public int* Targets;
        public View Totals;
        public View Above;
        public View To;

        public readonly void Row(int row)
        {
            var target = Targets[row];
            if (target < 0)
                return;
            var above = *Above.Row(row);
            UpdateRow(new LossSlope(above, *Totals.Row(row)), To.Row(row), X.Row(row), X.Row(row), X.Columns);
            To.Row(row)[target] -= above;
        }
    }

    private readonly struct Shift(float by) : IElementFunction<V>
    {
        public static int Inputs => 2;

        public V Apply(V a, V b, V c, V d) => b + V.Broadcast(by);
    }

    private readonly struct Scale(float by) : IElementFunction<V>
    {
        public static int Inputs => 2;

        public V Apply(V a, V b, V c, V d) => b * V.Broadcast(by);
    }

    private readonly struct SoftmaxSlope(float dot) : IElementFunction<V>
    {
        public static int Inputs => 3;

        public V Apply(V a, V b, V c, V d) => V.MultiplyAdd(b, c - V.Broadcast(dot), a);
    }

    private readonly struct LogSoftmaxSlope(float sum) : IElementFunction<V>
    {
        public static int Inputs => 3;

        public V Apply(V a, V b, V c, V d) => a + (c - Functions.Exp(b) * V.Broadcast(sum));
    }

    private readonly struct LossSlope(float above, float total) : IElementFunction<V>
    {
        public static int Inputs => 2;

        public V Apply(V a, V b, V c, V d) =>
            V.MultiplyAdd(V.Broadcast(above), Functions.Exp(b - V.Broadcast(total)), a);
    }
}
