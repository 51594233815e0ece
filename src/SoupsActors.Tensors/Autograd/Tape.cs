namespace SoupsActors.Tensors;

/// <summary>
/// Records the operations of one step and runs them backwards (reverse-mode differentiation). Everything is a matrix:
/// activations are tokens × features, losses tokens × 1.
/// </summary>
/// <remarks>
/// The tape lends memory to its tensors and takes all of it back at <see cref="Reset"/>; tensors must not be used after
/// that. One tape serves one thread.
/// </remarks>
public sealed class Tape : IDisposable
{
    private readonly BufferPool pool;
    private readonly List<Tensor> recorded = [];
    private readonly List<Storage> lent = [];
    private int dropouts;

    /// <summary>Creates a tape.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="recording">False for a forward pass alone: nothing is kept for a backward pass.</param>
    public Tape(Backend backend, bool recording = true)
    {
        ArgumentNullException.ThrowIfNull(backend);
        pool = new BufferPool(backend);
        Recording = recording;
    }

    /// <summary>The device.</summary>
    public Backend Backend => pool.Backend;

    /// <summary>Whether operations are kept for <see cref="Backward"/>.</summary>
    public bool Recording { get; }

    /// <summary>
    /// Seed of what <see cref="Tensor.Dropout"/> draws in this step. Null, as at first and after <see cref="Reset"/>, drops
    /// nothing: the function is then the one that is served.
    /// </summary>
    public ulong? DropoutSeed { get; set; }

    /// <summary>Bytes of device memory the tape holds.</summary>
    public long AllocatedBytes => pool.AllocatedBytes;

    /// <summary>Brings a parameter into this step; its gradient is added to <see cref="Parameter.Gradient"/>.</summary>
    public Tensor Use(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return new Tensor(this, parameter.Value, Recording && parameter.IsTrained) { LeafGradient = parameter.Gradient };
    }

    /// <summary>A matrix of given numbers without a gradient.</summary>
    public Tensor Constant(ReadOnlySpan<float> numbers, int rows, int columns)
    {
        if (numbers.Length != (long)rows * columns)
            throw new ArgumentException($"{rows} × {columns} numbers expected, {numbers.Length} given.", nameof(numbers));
        var block = RentBlock(rows, columns);
        if (numbers.Length > 0)
            Backend.Upload(numbers, block.Storage, block.Offset);
        return new Tensor(this, block, requiresGradient: false);
    }

    /// <summary>A 1 × 1 constant.</summary>
    public Tensor Constant(float number) => Constant([number], 1, 1);

    /// <summary>
    /// Adds the gradient of <paramref name="loss"/> (1 × 1) with respect to every trained parameter in use, times
    /// <paramref name="scale"/>, to that parameter's gradient.
    /// </summary>
    public void Backward(Tensor loss, float scale = 1f)
    {
        ArgumentNullException.ThrowIfNull(loss);
        if (!Recording)
            throw new InvalidOperationException("This tape does not record; create it with recording: true to differentiate.");
        if (loss.Rows != 1 || loss.Columns != 1)
            throw new ArgumentException($"A loss is 1 × 1, this tensor is {loss.Rows} × {loss.Columns}; take its mean or sum.", nameof(loss));
        if (!loss.RequiresGradient)
            throw new ArgumentException("The loss does not depend on any trained parameter.", nameof(loss));

        Backend.Fill(loss.GradientToAccumulate(), scale);
        for (var i = recorded.Count - 1; i >= 0; i--)
        {
            var tensor = recorded[i];
            if (tensor.HasGradient)
                tensor.RunBackward();
            tensor.ReleaseGradient();
        }

        recorded.Clear();
    }

    /// <summary>Forgets the step and takes its memory back for the next one.</summary>
    public void Reset()
    {
        foreach (var tensor in recorded)
            tensor.ReleaseGradient();
        recorded.Clear();
        foreach (var storage in lent)
            pool.Return(storage);
        lent.Clear();
        DropoutSeed = null;
        dropouts = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => pool.Dispose();

    /// <summary>The number of a use of dropout in this step, from 0.</summary>
    internal int NextDropout() => dropouts++;

    /// <summary>A block with unspecified content that lives until <see cref="Reset"/>.</summary>
    internal Block RentBlock(int rows, int columns)
    {
        var storage = pool.Rent((long)rows * columns);
        lent.Add(storage);
        return new Block(storage, 0, rows, columns);
    }

    /// <summary>A gradient's block; it goes back as soon as its tensor's backward pass is done.</summary>
    internal Block RentGradient(int rows, int columns) => new(pool.Rent((long)rows * columns), 0, rows, columns);

    internal void ReturnGradient(Block block) => pool.Return(block.Storage);

    internal Tensor Record(Block value, bool requiresGradient, Action<Tensor> backward)
    {
        if (!Recording || !requiresGradient)
            return new Tensor(this, value, requiresGradient: false);
        var tensor = new Tensor(this, value, requiresGradient: true) { BackwardStep = backward };
        recorded.Add(tensor);
        return tensor;
    }
}
