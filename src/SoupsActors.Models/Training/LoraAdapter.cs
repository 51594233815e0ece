using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Tensors;

namespace SoupsActors.Models.Training;

/// <summary>Shape and seed of an adapter to train.</summary>
public sealed record LoraOptions
{
    /// <summary>r, at least 1.</summary>
    public int Rank { get; init; } = 16;

    /// <summary>α; the delta is scaled by α/r, or by α/√r for rsLoRA.</summary>
    public float Alpha { get; init; } = 32;

    /// <summary>Scale by α/√r (Kalajdzievski 2023).</summary>
    public bool RankStabilised { get; init; }

    /// <summary>
    /// Probability with which a number of A's input is dropped, in [0, 1); Personalized Soups takes 0.1 for reward models
    /// and 0.05 for fine-tuning. It acts where a training loop sets <see cref="Tape.DropoutSeed"/>: supervised and reward
    /// training do. PPO and DPO compare log-probabilities of two passes, which dropout would make differ by chance alone,
    /// and train without.
    /// </summary>
    public double Dropout { get; init; }

    /// <summary>The linear layers that get a delta, in every block.</summary>
    public IReadOnlyList<TargetModule> Targets { get; init; } = Enum.GetValues<TargetModule>();

    /// <summary>Seed of A. Experts that share it, rank, α and targets can be merged factor by factor.</summary>
    public long InitSeed { get; init; }

    /// <summary>The factor on B·A.</summary>
    public float Scale => RankStabilised ? Alpha / MathF.Sqrt(Rank) : Alpha / Rank;
}

/// <summary>
/// A LoRA adapter in training (Hu et al. 2021, section 4.1): y += s·(x·Aᵀ)·Bᵀ with A drawn from the seed and B zero, so
/// that it starts as the base.
/// </summary>
public sealed class LoraAdapter : IDisposable
{
    private readonly Dictionary<(int Layer, TargetModule Module), Site> sites = [];

    /// <summary>Creates an untrained adapter for a base.</summary>
    public LoraAdapter(Backend backend, TransformerConfig config, LoraOptions options)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Rank, nameof(options));
        if (options.Dropout is not (>= 0 and < 1))
            throw new ArgumentException("The dropout of an adapter must be at least 0 and below 1.", nameof(options));
        Options = options;
        var random = new SeededNormal(options.InitSeed);
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            foreach (var module in options.Targets.Distinct().Order())
            {
                var (outputs, inputs) = config.Shape(module);
                var site = new Site(
                    new Parameter(backend, $"layers.{layer}.{module}.lora_A", options.Rank, inputs),
                    new Parameter(backend, $"layers.{layer}.{module}.lora_B", outputs, options.Rank));
                // PEFT's Kaiming-uniform initialisation with a = √5 is uniform in ±1/√inputs.
                site.A.Load(random.Uniform(options.Rank * inputs, 1f / MathF.Sqrt(inputs)));
                sites[(layer, module)] = site;
            }
        }
    }

    /// <summary>An adapter that goes on from the factors of another one.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="config">Shape of the base.</param>
    /// <param name="factors">One rank and scale for all, the same layers in every block.</param>
    /// <param name="initSeed">The seed that A once came from, for provenance.</param>
    /// <exception cref="ArgumentException">Ranks, scales or layers differ, or a shape does not fit the base.</exception>
    public static LoraAdapter From(
        Backend backend, TransformerConfig config, IReadOnlyList<LoraFactors> factors, long initSeed = 0)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(factors);
        if (factors.Count == 0)
            throw new ArgumentException("The adapter has no factors to go on from.", nameof(factors));
        var (rank, scale) = (factors[0].Rank, factors[0].Scale);
        var targets = factors.Select(f => f.Module).Distinct().Order().ToArray();
        if (factors.Count != targets.Length * config.LayerCount
            || factors.Any(f => f.Rank != rank || !f.Scale.Equals(scale)))
        {
            throw new ArgumentException(
                "Training goes on from adapters of one rank and scale with the same modules in every block.",
                nameof(factors));
        }

        var adapter = new LoraAdapter(backend, config, new LoraOptions
        {
            Rank = rank,
            Alpha = scale * rank,
            Targets = targets,
            InitSeed = initSeed,
        });
        try
        {
            adapter.Load(factors);
            return adapter;
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    /// <summary>Shape and seed.</summary>
    public LoraOptions Options { get; }

    /// <summary>All A and B.</summary>
    public IEnumerable<Parameter> Parameters => sites.Values.SelectMany(s => new[] { s.A, s.B });

    /// <summary>
    /// y + s·(x·Aᵀ)·Bᵀ where the layer has a delta, else y; y itself must not be used afterwards. Where the tape draws
    /// dropout, A sees x through it and the base does not, as in PEFT.
    /// </summary>
    public Tensor Apply(Tensor x, Tensor y, int layer, TargetModule module)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        if (!sites.TryGetValue((layer, module), out var site))
            return y;
        var tape = x.Tape;
        return y.AddLinearInPlace(
            x.Dropout(Options.Dropout).Linear(tape.Use(site.A)) * Options.Scale, tape.Use(site.B));
    }

    /// <summary>Replaces factors.</summary>
    /// <exception cref="ArgumentException">One is of a layer without a delta, or has another shape.</exception>
    public void Load(IReadOnlyList<LoraFactors> factors)
    {
        ArgumentNullException.ThrowIfNull(factors);
        foreach (var factor in factors)
        {
            if (!sites.TryGetValue((factor.Layer, factor.Module), out var site))
            {
                throw new ArgumentException(
                    $"This adapter does not change {factor.Module} of layer {factor.Layer}.", nameof(factors));
            }

            site.A.Load(factor.A);
            site.B.Load(factor.B);
        }
    }

    /// <summary>The factors as they are now.</summary>
    public IReadOnlyList<LoraFactors> ToFactors() =>
        [.. sites.OrderBy(s => s.Key).Select(s => new LoraFactors(
            s.Key.Layer,
            s.Key.Module,
            Options.Rank,
            s.Value.A.Value.Columns,
            s.Value.B.Value.Rows,
            Options.Scale,
            s.Value.A.ToArray(),
            s.Value.B.ToArray()))];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var parameter in Parameters)
            parameter.Dispose();
    }

    private sealed record Site(Parameter A, Parameter B);
}
