namespace SoupsActors.Tensors;

/// <summary>A matrix in a step that a <see cref="Tape"/> records. Operations are methods and operators on it.</summary>
public sealed partial class Tensor
{
    private Block gradient;
    private bool ownsGradient;

    internal Tensor(Tape tape, Block value, bool requiresGradient)
    {
        Tape = tape;
        Value = value;
        RequiresGradient = requiresGradient;
    }

    /// <summary>The step this tensor belongs to.</summary>
    public Tape Tape { get; }

    /// <summary>The numbers, valid until the tape is reset.</summary>
    public Block Value { get; }

    /// <summary>Rows.</summary>
    public int Rows => Value.Rows;

    /// <summary>Columns.</summary>
    public int Columns => Value.Columns;

    /// <summary>Whether a trained parameter contributes to it.</summary>
    public bool RequiresGradient { get; }

    internal bool HasGradient { get; private set; }

    /// <summary>Whether there is a sum that a kernel has to add to.</summary>
    internal bool HoldsGradient => HasGradient || LeafGradient is not null;

    /// <summary>Where the gradient of a parameter, or of the tensor this one is a view of, is added up.</summary>
    internal Block? LeafGradient { get; init; }

    internal Action<Tensor>? BackwardStep { get; init; }

    /// <summary>The gradient that has arrived from the operations that use this tensor.</summary>
    internal Block Gradient => gradient;

    private Backend Backend => Tape.Backend;

    /// <summary>A row-major copy of the numbers on the host.</summary>
    public float[] ToArray()
    {
        var numbers = new float[(long)Rows * Columns];
        for (var row = 0; row < Rows; row++)
        {
            Backend.Download(
                Value.Storage, Value.Offset + (long)row * Value.Stride, numbers.AsSpan(row * Columns, Columns));
        }

        return numbers;
    }

    /// <summary>The single number of a 1 × 1 tensor.</summary>
    public float ToScalar() =>
        Rows == 1 && Columns == 1
            ? ToArray()[0]
            : throw new InvalidOperationException($"A scalar is 1 × 1, this tensor is {Rows} × {Columns}.");

    /// <summary>The same numbers, treated as constant: gradients stop here.</summary>
    public Tensor Detach() => new(Tape, Value, requiresGradient: false);

    /// <summary>The gradient's block, zeroed on first use, for kernels that add to it.</summary>
    internal Block GradientToAccumulate()
    {
        var (block, accumulate) = GradientToWrite();
        if (!accumulate)
            Backend.Fill(block, 0);
        return block;
    }

    /// <summary>The gradient's block and whether it already holds a sum that a kernel has to add to.</summary>
    internal (Block Block, bool Accumulate) GradientToWrite()
    {
        if (LeafGradient is { } leaf)
            return (leaf, true);
        if (HasGradient)
            return (gradient, true);
        gradient = Tape.RentGradient(Rows, Columns);
        ownsGradient = true;
        HasGradient = true;
        return (gradient, false);
    }

    /// <summary>Hands the gradient on to a tensor of the same shape; this one must not need it any more.</summary>
    internal void MoveGradientTo(Tensor source)
    {
        if (source.HoldsGradient)
        {
            Backend.AddScaled(1f, gradient, source.GradientToAccumulate());
            return;
        }

        source.gradient = gradient;
        source.ownsGradient = ownsGradient;
        source.HasGradient = true;
        ownsGradient = false;
        HasGradient = false;
    }

    internal void RunBackward() => BackwardStep?.Invoke(this);

    internal void ReleaseGradient()
    {
        if (ownsGradient)
            Tape.ReturnGradient(gradient);
        ownsGradient = false;
        HasGradient = false;
    }

    private Tensor Result(int rows, int columns, Action<Block> forward, bool requiresGradient, Action<Tensor> backward)
    {
        var value = Tape.RentBlock(rows, columns);
        forward(value);
        return Tape.Record(value, requiresGradient, backward);
    }

    private void AddToGradient(Block dy)
    {
        if (!RequiresGradient)
            return;
        var (block, accumulate) = GradientToWrite();
        if (accumulate)
            Backend.AddScaled(1f, dy, block);
        else
            Backend.Copy(dy, block);
    }
}
