namespace SoupsActors.Tensors;

/// <content>Sums, means, softmax and losses.</content>
public sealed partial class Tensor
{
    /// <summary>Σ over all elements, 1 × 1.</summary>
    public Tensor Sum() => Result(
        1,
        1,
        y => Backend.Fill(y, (float)Backend.Sum(Value)),
        RequiresGradient,
        y =>
        {
            var dx = GradientToAccumulate();
            Backend.Binary(BinaryOp.Add, dx, y.Gradient, dx);
        });

    /// <summary>The mean of all elements, 1 × 1; 0 for an empty tensor.</summary>
    public Tensor Mean() => Sum() * (1f / Math.Max(1, (float)Rows * Columns));

    /// <summary>
    /// Σ x·mask / Σ mask over all elements, 1 × 1; 0 where the mask is empty. The mask is a constant of x's shape.
    /// </summary>
    public Tensor MaskedMean(Tensor mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        var count = Backend.Sum(mask.Value);
        return (this * mask).Sum() * (count == 0 ? 0f : (float)(1 / count));
    }

    /// <summary>Σ over the columns, m × 1.</summary>
    public Tensor SumColumns() => Result(
        Rows,
        1,
        y => Backend.ReduceColumns(ReduceOp.Sum, Value, y),
        RequiresGradient,
        y =>
        {
            var dx = GradientToAccumulate();
            Backend.Binary(BinaryOp.Add, dx, y.Gradient, dx);
        });

    /// <summary>Softmax of each row.</summary>
    public Tensor Softmax() => Softmax(log: false);

    /// <summary>Log-softmax of each row.</summary>
    public Tensor LogSoftmax() => Softmax(log: true);

    /// <summary>
    /// −log p(target) of each row of logits, m × 1; 0 where the target is negative. The probabilities are never stored.
    /// </summary>
    public Tensor CrossEntropy(ReadOnlySpan<int> targets)
    {
        if (targets.Length != Rows)
            throw new ArgumentException($"{Rows} rows of logits need as many targets, {targets.Length} given.", nameof(targets));
        var kept = targets.ToArray();
        var logSumExp = Tape.RentBlock(Rows, 1);
        return Result(
            Rows,
            1,
            losses => Backend.CrossEntropy(Value, kept, losses, logSumExp),
            RequiresGradient,
            losses => Backend.CrossEntropyBackwardAccumulate(
                Value, kept, logSumExp, losses.Gradient, GradientToAccumulate()));
    }

    private Tensor Softmax(bool log) => Result(
        Rows,
        Columns,
        y => Backend.Softmax(Value, y, log),
        RequiresGradient,
        y => Backend.SoftmaxBackwardAccumulate(y.Value, y.Gradient, GradientToAccumulate(), log));
}
