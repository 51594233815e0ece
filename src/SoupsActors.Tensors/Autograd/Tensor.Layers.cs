namespace SoupsActors.Tensors;

/// <content>The layers of a transformer.</content>
public sealed partial class Tensor
{
    /// <summary>op(x)·op(other) with either side transposed.</summary>
    public Tensor MatMul(Tensor other, bool transposeThis = false, bool transposeOther = false)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Result(
            transposeThis ? Columns : Rows,
            transposeOther ? other.Rows : other.Columns,
            y => Backend.MatMul(Value, transposeThis, other.Value, transposeOther, y),
            RequiresGradient || other.RequiresGradient,
            y => MatMulBackward(this, transposeThis, other, transposeOther, y.Gradient));
    }

    /// <summary>x·wᵀ: a linear layer whose weight is out × in, as Hugging Face stores it.</summary>
    public Tensor Linear(Tensor weight) => MatMul(weight, transposeOther: true);

    /// <summary>
    /// this + x·wᵀ, without memory for the product. The numbers are replaced in place: use the result, not this tensor, which
    /// no other operation may have used and whose own backward pass must not need its numbers.
    /// </summary>
    public Tensor AddLinearInPlace(Tensor x, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(weight);
        Backend.MatMul(x.Value, false, weight.Value, true, Value, accumulate: true);
        return Tape.Record(Value, RequiresGradient || x.RequiresGradient || weight.RequiresGradient, y =>
        {
            MatMulBackward(x, false, weight, true, y.Gradient);
            if (RequiresGradient)
                y.MoveGradientTo(this);
        });
    }

    /// <summary>
    /// Each number zeroed with the given probability and else divided by 1 − probability (Srivastava et al. 2014), drawn
    /// from <see cref="Tape.DropoutSeed"/>; this tensor itself where the tape has none.
    /// </summary>
    /// <param name="probability">In [0, 1).</param>
    public Tensor Dropout(double probability)
    {
        if (probability is not (>= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(probability), probability, "The probability of dropout is at least 0 and below 1.");
        }

        if (probability.Equals(0.0) || Tape.DropoutSeed is not { } seed)
            return this;
        var mask = new float[Rows * Columns];
        DropoutMask.Fill(mask, probability, seed, Tape.NextDropout());
        return this * Tape.Constant(mask, Rows, Columns);
    }

    /// <summary>Root-mean-square normalisation of each row with a gain of 1 × n.</summary>
    public Tensor RmsNorm(Tensor gain, float epsilon)
    {
        ArgumentNullException.ThrowIfNull(gain);
        var inverseRms = Tape.RentBlock(Rows, 1);
        return Result(
            Rows,
            Columns,
            y => Backend.RmsNorm(Value, gain.Value, epsilon, y, inverseRms),
            RequiresGradient || gain.RequiresGradient,
            y =>
            {
                var dx = RequiresGradient ? GradientToAccumulate() : Scratch();
                Block? dgain = gain.RequiresGradient ? gain.GradientToAccumulate() : null;
                Backend.RmsNormBackwardAccumulate(Value, gain.Value, inverseRms, y.Gradient, dx, dgain);
                if (!RequiresGradient)
                    Tape.ReturnGradient(dx);
            });
    }

    /// <summary>
    /// Rotary position embedding of each head. The numbers are replaced in place: use the result, not this tensor, which
    /// no other operation may have used.
    /// </summary>
    public Tensor RotateInPlace(int heads, ReadOnlySpan<int> positions, Block table)
    {
        var kept = positions.ToArray();
        Backend.Rotate(Value, heads, kept, table);
        return Tape.Record(Value, RequiresGradient, y =>
        {
            Backend.Rotate(y.Gradient, heads, kept, table, inverse: true);
            y.MoveGradientTo(this);
        });
    }

    /// <summary>silu(this)·up.</summary>
    public Tensor SiluGate(Tensor up)
    {
        ArgumentNullException.ThrowIfNull(up);
        return Result(
            Rows,
            Columns,
            y => Backend.SiluGate(Value, up.Value, y),
            RequiresGradient || up.RequiresGradient,
            y =>
            {
                // Usually nothing has arrived at either yet, and neither needs to be cleared first.
                if (RequiresGradient && up.RequiresGradient && !ReferenceEquals(this, up)
                    && !HoldsGradient && !up.HoldsGradient)
                {
                    var (dgate, dup) = (GradientToWrite().Block, up.GradientToWrite().Block);
                    Backend.SiluGateBackward(Value, up.Value, y.Gradient, dgate, dup);
                    return;
                }

                WithOptionalGradients(this, up, (dgate, dup) =>
                    Backend.SiluGateBackward(Value, up.Value, y.Gradient, dgate, dup, accumulate: true));
            });
    }

    /// <summary>Causal attention of this tensor's rows (queries) over keys and values, see <see cref="Backend.Attention"/>.</summary>
    public Tensor Attention(Tensor keys, Tensor values, AttentionShape shape, ReadOnlySpan<int> starts)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(values);
        var kept = starts.ToArray();
        var logSumExp = Tape.RentBlock(Rows, shape.Heads);
        return Result(
            Rows,
            Columns,
            y => Backend.Attention(Value, keys.Value, values.Value, shape, kept, y, logSumExp),
            RequiresGradient || keys.RequiresGradient || values.RequiresGradient,
            y => WithOptionalGradients(this, keys, (dq, dk) => WithOptionalGradients(values, values, (dv, _) =>
                Backend.AttentionBackwardAccumulate(
                    Value, keys.Value, values.Value, shape, kept, y.Value, logSumExp, y.Gradient, dq, dk, dv))));
    }

    private static void MatMulBackward(Tensor a, bool transposeA, Tensor b, bool transposeB, Block dy)
    {
        var backend = a.Backend;
        if (a.RequiresGradient)
        {
            // y = op(a)·op(b), so d op(a) = dy·op(b)ᵀ, itself transposed where a is.
            var (da, accumulate) = a.GradientToWrite();
            if (transposeA)
                backend.MatMul(b.Value, transposeB, dy, true, da, accumulate);
            else
                backend.MatMul(dy, false, b.Value, !transposeB, da, accumulate);
        }

        if (b.RequiresGradient)
        {
            var (db, accumulate) = b.GradientToWrite();
            if (transposeB)
                backend.MatMul(dy, true, a.Value, transposeA, db, accumulate);
            else
                backend.MatMul(a.Value, !transposeA, dy, false, db, accumulate);
        }
    }

    /// <summary>Kernels want both gradients; that of a constant goes to scratch memory that nobody reads.</summary>
    private static void WithOptionalGradients(Tensor a, Tensor b, Action<Block, Block> backward)
    {
        var da = a.RequiresGradient ? a.GradientToAccumulate() : a.Scratch();
        var db = ReferenceEquals(a, b) ? da : b.RequiresGradient ? b.GradientToAccumulate() : b.Scratch();
        backward(da, db);
        if (!a.RequiresGradient)
            a.Tape.ReturnGradient(da);
        if (!b.RequiresGradient && !ReferenceEquals(a, b))
            b.Tape.ReturnGradient(db);
    }

    private Block Scratch()
    {
        var block = Tape.RentGradient(Rows, Columns);
        Backend.Fill(block, 0);
        return block;
    }
}
