using SoupsActors.Models.Experts;

namespace SoupsActors.Models.Files;

/// <summary>Names and shapes of a base model's tensors, as Hugging Face's transformers call them.</summary>
public static class ModelTensors
{
    /// <summary>Token embedding, vocabulary × hidden.</summary>
    public const string Embedding = "model.embed_tokens.weight";

    /// <summary>Weights of the last norm, hidden.</summary>
    public const string FinalNorm = "model.norm.weight";

    /// <summary>Output layer, vocabulary × hidden; the same tensor as <see cref="Embedding"/> where tied.</summary>
    public const string Output = "lm_head.weight";

    /// <summary>The seven linear layers of a block, in their canonical order.</summary>
    public static IReadOnlyList<TargetModule> Modules { get; } = Enum.GetValues<TargetModule>();

    /// <summary>The module's path within a block, such as <c>self_attn.q_proj</c>.</summary>
    public static string LocalPath(this TargetModule module) => module switch
    {
        TargetModule.QProj => "self_attn.q_proj",
        TargetModule.KProj => "self_attn.k_proj",
        TargetModule.VProj => "self_attn.v_proj",
        TargetModule.OProj => "self_attn.o_proj",
        TargetModule.GateProj => "mlp.gate_proj",
        TargetModule.UpProj => "mlp.up_proj",
        TargetModule.DownProj => "mlp.down_proj",
        _ => throw new ArgumentOutOfRangeException(nameof(module), module, "There is no such module."),
    };

    /// <summary>The module's path in the model, such as <c>model.layers.0.self_attn.q_proj</c>.</summary>
    public static string Path(int layer, TargetModule module) => $"model.layers.{layer}.{module.LocalPath()}";

    /// <summary>The module's weight, outputs × inputs.</summary>
    public static string Weight(int layer, TargetModule module) => Path(layer, module) + ".weight";

    /// <summary>The module's bias, outputs; see <see cref="HasBias"/>.</summary>
    public static string Bias(int layer, TargetModule module) => Path(layer, module) + ".bias";

    /// <summary>Weights of the norm before attention, hidden.</summary>
    public static string InputNorm(int layer) => $"model.layers.{layer}.input_layernorm.weight";

    /// <summary>Weights of the norm before the MLP, hidden.</summary>
    public static string PostAttentionNorm(int layer) => $"model.layers.{layer}.post_attention_layernorm.weight";

    /// <summary>Weights of the norm of each query head, head size; Qwen3 only.</summary>
    public static string QueryNorm(int layer) => $"model.layers.{layer}.self_attn.q_norm.weight";

    /// <summary>Weights of the norm of each key head, head size; Qwen3 only.</summary>
    public static string KeyNorm(int layer) => $"model.layers.{layer}.self_attn.k_norm.weight";

    /// <summary>Rows and columns of a module's weight.</summary>
    public static (int Outputs, int Inputs) Shape(this TransformerConfig config, TargetModule module)
    {
        ArgumentNullException.ThrowIfNull(config);
        var query = config.HeadCount * config.HeadSize;
        var keyValue = config.KeyValueHeadCount * config.HeadSize;
        return module switch
        {
            TargetModule.QProj => (query, config.HiddenSize),
            TargetModule.KProj or TargetModule.VProj => (keyValue, config.HiddenSize),
            TargetModule.OProj => (config.HiddenSize, query),
            TargetModule.GateProj or TargetModule.UpProj => (config.IntermediateSize, config.HiddenSize),
            TargetModule.DownProj => (config.HiddenSize, config.IntermediateSize),
            _ => throw new ArgumentOutOfRangeException(nameof(module), module, "There is no such module."),
        };
    }

    /// <summary>Whether a module has a bias.</summary>
    public static bool HasBias(this TransformerConfig config, TargetModule module)
    {
        ArgumentNullException.ThrowIfNull(config);
        return module switch
        {
            TargetModule.QProj or TargetModule.KProj or TargetModule.VProj => config.QueryKeyValueBias,
            TargetModule.OProj => config.OutputBias,
            _ => config.MlpBias,
        };
    }

    /// <summary>
    /// All tensors of a model by name with their shapes. A tied model has <see cref="Embedding"/> only.
    /// </summary>
    public static IReadOnlyDictionary<string, long[]> Expected(TransformerConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var expected = new SortedDictionary<string, long[]>(StringComparer.Ordinal)
        {
            [Embedding] = [config.VocabularySize, config.HiddenSize],
            [FinalNorm] = [config.HiddenSize],
        };
        if (!config.TieWordEmbeddings)
            expected[Output] = [config.VocabularySize, config.HiddenSize];
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            expected[InputNorm(layer)] = [config.HiddenSize];
            expected[PostAttentionNorm(layer)] = [config.HiddenSize];
            if (config.QueryKeyNorm)
            {
                expected[QueryNorm(layer)] = [config.HeadSize];
                expected[KeyNorm(layer)] = [config.HeadSize];
            }

            foreach (var module in Modules)
            {
                var (outputs, inputs) = config.Shape(module);
                expected[Weight(layer, module)] = [outputs, inputs];
                if (config.HasBias(module))
                    expected[Bias(layer, module)] = [outputs];
            }
        }

        return expected;
    }
}
