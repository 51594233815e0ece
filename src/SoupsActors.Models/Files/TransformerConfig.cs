namespace SoupsActors.Models.Files;

/// <summary>The architectures that are supported; they differ in biases, in q/k norms and in sliding windows.</summary>
public enum ModelFamily
{
    /// <summary>Llama 2 and 3, SmolLM and others that call themselves "llama".</summary>
    Llama,

    /// <summary>Mistral; its sliding window limits the context.</summary>
    Mistral,

    /// <summary>Qwen2 and 2.5: biases on q, k and v.</summary>
    Qwen2,

    /// <summary>Qwen3: RMS norms on the heads of q and k.</summary>
    Qwen3,
}

/// <summary>How rotary embeddings are stretched to longer contexts.</summary>
public enum RotaryScaling
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Positions are divided by the factor.</summary>
    Linear,

    /// <summary>θ grows with the sequence once it is longer than the trained length (NTK-aware).</summary>
    Dynamic,

    /// <summary>Low frequencies are divided by the factor, high ones kept, with a ramp between (Llama 3.1).</summary>
    Llama3,
}

/// <summary>Rotary position embedding (Su et al. 2021).</summary>
/// <param name="Theta">Base of the frequencies θ^(-2i/d), greater than 1.</param>
/// <param name="Scaling">How longer contexts are reached.</param>
/// <param name="Factor">How much longer, at least 1; 1 without scaling.</param>
/// <param name="LowFrequencyFactor">Llama3: below context/this, a frequency is divided by the factor.</param>
/// <param name="HighFrequencyFactor">Llama3: above context/this, a frequency is kept.</param>
/// <param name="OriginalMaxPositions">
/// Length before scaling; null means the model's <c>max_position_embeddings</c>.
/// </param>
public sealed record RotaryConfig(
    double Theta,
    RotaryScaling Scaling = RotaryScaling.None,
    double Factor = 1,
    double LowFrequencyFactor = 1,
    double HighFrequencyFactor = 4,
    int? OriginalMaxPositions = null);

/// <summary>The shape of a Llama-family transformer, as <c>config.json</c> gives it.</summary>
public sealed record TransformerConfig
{
    /// <summary>Which architecture.</summary>
    public ModelFamily Family { get; init; } = ModelFamily.Llama;

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width inside the MLP.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of transformer blocks.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Query heads.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Key/value heads; divides <see cref="HeadCount"/>.</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Width of one head, even; heads times this need not be the hidden size.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Rows of the embedding.</summary>
    public required int VocabularySize { get; init; }

    /// <summary><c>max_position_embeddings</c>.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>ε of the RMS norms.</summary>
    public double RmsNormEpsilon { get; init; } = 1e-6;

    /// <summary>Rotary position embedding.</summary>
    public RotaryConfig Rotary { get; init; } = new(10_000);

    /// <summary><c>attention_bias</c>: biases on all four attention projections (Llama, Qwen3).</summary>
    public bool AttentionBias { get; init; }

    /// <summary><c>mlp_bias</c>: biases on the three MLP projections (Llama).</summary>
    public bool MlpBias { get; init; }

    /// <summary>Whether the output layer is the embedding.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>
    /// Tokens that a token of a windowed layer sees, itself included, or null where all layers see all.
    /// </summary>
    public int? SlidingWindow { get; init; }

    /// <summary>Whether q, k and v have biases.</summary>
    public bool QueryKeyValueBias => AttentionBias || Family == ModelFamily.Qwen2;

    /// <summary>Whether the attention's output projection has a bias.</summary>
    public bool OutputBias => AttentionBias;

    /// <summary>Whether q and k are normalised per head.</summary>
    public bool QueryKeyNorm => Family == ModelFamily.Qwen3;

    /// <summary>
    /// Most tokens of a sequence. A sliding window is not computed; within its length it changes nothing, so it is the
    /// limit. Linear and dynamic scaling stretch the original length by their factor; Llama 3's is in the maximum
    /// already.
    /// </summary>
    public int ContextLength => (int)Math.Min(StretchedPositions, SlidingWindow ?? int.MaxValue);

    /// <summary>Why the context is shorter than the model's own, for a log or a user; null where it is not.</summary>
    public string? ContextLimit => SlidingWindow < StretchedPositions
        ? $"The model's sliding window of {SlidingWindow} tokens is not computed, so its context of "
          + $"{StretchedPositions} tokens is limited to {SlidingWindow}, where window and full attention are the same."
        : null;

    private double StretchedPositions => Rotary.Scaling is RotaryScaling.Linear or RotaryScaling.Dynamic
        ? Math.Min(int.MaxValue, Math.Floor((Rotary.OriginalMaxPositions ?? MaxPositions) * Rotary.Factor))
        : MaxPositions;

    /// <summary>Reads and checks <c>config.json</c> of a model folder.</summary>
    /// <exception cref="ModelFormatException">
    /// A value is missing, wrong, or asks for something not supported.
    /// </exception>
    public static TransformerConfig Load(string folder) => TransformerConfigReader.Load(folder);

    /// <summary>The first thing wrong with the numbers, or null.</summary>
    internal string? FindProblem()
    {
        (string Name, int Value, int Most)[] sizes =
        [
            ("hidden_size", HiddenSize, 1 << 20),
            ("intermediate_size", IntermediateSize, 1 << 22),
            ("num_hidden_layers", LayerCount, 4096),
            ("num_attention_heads", HeadCount, 1 << 14),
            ("num_key_value_heads", KeyValueHeadCount, 1 << 14),
            ("head_dim", HeadSize, 1 << 14),
            ("vocab_size", VocabularySize, 1 << 24),
            ("max_position_embeddings", MaxPositions, 1 << 28),
            ("sliding_window", SlidingWindow ?? 1, int.MaxValue),
            ("original_max_position_embeddings", Rotary.OriginalMaxPositions ?? 1, 1 << 28),
        ];
        foreach (var (name, value, most) in sizes)
        {
            if (value < 1 || value > most)
                return $"{name} is {value}, but must be from 1 to {most}.";
        }

        if (HeadCount % KeyValueHeadCount != 0)
            return $"num_key_value_heads is {KeyValueHeadCount}, but must divide the {HeadCount} num_attention_heads.";
        if (HeadSize % 2 != 0)
            return $"head_dim is {HeadSize}, but rotary embeddings need an even number.";
        if (!(RmsNormEpsilon > 0 && RmsNormEpsilon < 1))
            return $"rms_norm_eps is {RmsNormEpsilon}, but must be between 0 and 1.";
        if (!(Rotary.Theta > 1 && double.IsFinite(Rotary.Theta)))
            return $"rope_theta is {Rotary.Theta}, but must be a number above 1.";
        if (!(Rotary.Factor >= 1 && double.IsFinite(Rotary.Factor)))
            return $"the rotary scaling factor is {Rotary.Factor}, but must be at least 1.";
        if (Rotary.Scaling == RotaryScaling.Llama3
            && !(Rotary.LowFrequencyFactor > 0 && Rotary.HighFrequencyFactor > Rotary.LowFrequencyFactor))
        {
            return "low_freq_factor must be above 0 and below high_freq_factor.";
        }

        if (AttentionBias && Family is not (ModelFamily.Llama or ModelFamily.Qwen3))
            return $"attention_bias is not part of {Family}; only Llama and Qwen3 have it.";
        return MlpBias && Family != ModelFamily.Llama ? $"mlp_bias is not part of {Family}; only Llama has it." : null;
    }
}
