namespace SoupsActors.Tensors;

/// <summary>A matrix that outlives a step: a weight, trained or frozen.</summary>
public sealed class Parameter : IDisposable
{
    private readonly Storage value;
    private readonly Storage? gradient;

    /// <summary>Allocates a matrix of zeros.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="name">Name in checkpoints, unique within a model.</param>
    /// <param name="rows">Rows, 1 for a vector.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="trained">Whether it has a gradient.</param>
    public Parameter(Backend backend, string name, int rows, int columns, bool trained = true)
    {
        Name = name;
        value = backend.Allocate((long)rows * columns);
        Value = new Block(value, 0, rows, columns);
        if (!trained)
            return;
        gradient = backend.Allocate((long)rows * columns);
        Gradient = new Block(gradient, 0, rows, columns);
    }

    /// <summary>Name in checkpoints.</summary>
    public string Name { get; }

    /// <summary>The numbers.</summary>
    public Block Value { get; }

    /// <summary>Sum of the gradients since <see cref="ZeroGradient"/>; null for a frozen parameter.</summary>
    public Block? Gradient { get; }

    /// <summary>Whether the parameter is trained.</summary>
    public bool IsTrained => Gradient is not null;

    /// <summary>Number of elements.</summary>
    public long Length => (long)Value.Rows * Value.Columns;

    /// <summary>Replaces the numbers; row-major, <see cref="Length"/> of them.</summary>
    public void Load(ReadOnlySpan<float> numbers)
    {
        if (numbers.Length != Length)
        {
            throw new ArgumentException(
                $"Parameter {Name} is {Value.Rows} × {Value.Columns}, but {numbers.Length} numbers were given.", nameof(numbers));
        }

        value.Backend.Upload(numbers, value);
    }

    /// <summary>A copy of the numbers on the host.</summary>
    public float[] ToArray()
    {
        var numbers = new float[Length];
        value.Backend.Download(value, 0, numbers);
        return numbers;
    }

    /// <summary>Sets the gradient to zero.</summary>
    public void ZeroGradient()
    {
        if (Gradient is { } block)
            value.Backend.Fill(block, 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        value.Dispose();
        gradient?.Dispose();
    }
}
