namespace SoupsActors.Tensors;

/// <summary>Settings of <see cref="AdamW"/>.</summary>
public sealed record AdamWOptions
{
    /// <summary>Decay of the first moment, 0 ≤ β₁ &lt; 1.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>Decay of the second moment, 0 ≤ β₂ &lt; 1.</summary>
    public float Beta2 { get; init; } = 0.999f;

    /// <summary>Added to the root of the second moment, positive.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>Decoupled weight decay; applied to matrices, not to vectors such as gains and biases.</summary>
    public float WeightDecay { get; init; }

    /// <summary>Gradients are scaled down so that their global norm is at most this; 0 is off.</summary>
    public float MaxGradientNorm { get; init; } = 1f;

    internal void Validate()
    {
        if (Beta1 is not (>= 0 and < 1) || Beta2 is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(Beta1), "The betas of AdamW lie in [0, 1).");
        if (Epsilon is not (> 0 and < float.PositiveInfinity))
            throw new ArgumentOutOfRangeException(nameof(Epsilon), "Epsilon of AdamW is positive.");
        if (WeightDecay is not (>= 0 and < float.PositiveInfinity))
            throw new ArgumentOutOfRangeException(nameof(WeightDecay), "Weight decay is zero or positive.");
        if (MaxGradientNorm is not (>= 0 and < float.PositiveInfinity))
            throw new ArgumentOutOfRangeException(nameof(MaxGradientNorm), "The largest gradient norm is zero (off) or positive.");
    }
}

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2) and clipping by the global norm.
/// </summary>
public sealed class AdamW : IDisposable
{
    private readonly Parameter[] parameters;
    private readonly Storage[] first;
    private readonly Storage[] second;
    private readonly AdamWOptions options;
    private readonly Backend backend;

    /// <summary>Creates an optimiser with zero moments.</summary>
    /// <exception cref="ArgumentException">A parameter is frozen.</exception>
    public AdamW(Backend backend, IEnumerable<Parameter> parameters, AdamWOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        this.backend = backend;
        this.options = options;
        this.parameters = [.. parameters];
        foreach (var parameter in this.parameters)
        {
            if (!parameter.IsTrained)
                throw new ArgumentException($"Parameter {parameter.Name} is frozen.", nameof(parameters));
        }

        first = [.. this.parameters.Select(p => backend.Allocate(p.Length))];
        second = [.. this.parameters.Select(p => backend.Allocate(p.Length))];
    }

    /// <summary>Steps taken so far.</summary>
    public int StepsTaken { get; private set; }

    /// <summary>The square root of the sum of squares of all gradients.</summary>
    public double GradientNorm() =>
        Math.Sqrt(parameters.Sum(p => backend.SumOfSquares(p.Gradient!.Value)));

    /// <summary>Updates the parameters with their gradients and sets the gradients to zero.</summary>
    /// <param name="learningRate">The rate of this step.</param>
    /// <returns>The global norm of the gradients before clipping.</returns>
    /// <exception cref="DivergedException">The gradients are not finite; nothing is changed.</exception>
    public double Step(float learningRate)
    {
        var norm = GradientNorm();
        if (!double.IsFinite(norm))
            throw new DivergedException($"The gradient norm of step {StepsTaken + 1} is {norm}.");
        var scale = options.MaxGradientNorm > 0 && norm > options.MaxGradientNorm
            ? (float)(options.MaxGradientNorm / norm)
            : 1f;
        StepsTaken++;
        for (var i = 0; i < parameters.Length; i++)
        {
            var parameter = parameters[i];
            var shape = parameter.Value;
            var decay = shape.Rows > 1 ? options.WeightDecay : 0;
            backend.AdamW(
                parameter.Value,
                parameter.Gradient!.Value,
                new Block(first[i], 0, shape.Rows, shape.Columns),
                new Block(second[i], 0, shape.Rows, shape.Columns),
                new AdamWStep(learningRate, options.Beta1, options.Beta2, options.Epsilon, decay, StepsTaken, scale));
            parameter.ZeroGradient();
        }

        return norm;
    }

    /// <summary>The moments by parameter name, for a checkpoint.</summary>
    public IEnumerable<(string Name, float[] First, float[] Second)> SaveMoments()
    {
        for (var i = 0; i < parameters.Length; i++)
        {
            var m = new float[parameters[i].Length];
            var v = new float[parameters[i].Length];
            backend.Download(first[i], 0, m);
            backend.Download(second[i], 0, v);
            yield return (parameters[i].Name, m, v);
        }
    }

    /// <summary>Puts moments from a checkpoint back, so that training goes on to the bit.</summary>
    public void LoadMoments(int stepsTaken, Func<string, (float[] First, float[] Second)> moments)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stepsTaken);
        ArgumentNullException.ThrowIfNull(moments);
        for (var i = 0; i < parameters.Length; i++)
        {
            var (m, v) = moments(parameters[i].Name);
            backend.Upload(m, first[i]);
            backend.Upload(v, second[i]);
        }

        StepsTaken = stepsTaken;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var storage in first.Concat(second))
            storage.Dispose();
    }
}

/// <summary>Training produced numbers that are not finite; the last good state is untouched.</summary>
public sealed class DivergedException(string message) : Exception(message);
