namespace SoupsActors.Models.Files;

/// <summary>
/// Reads <c>config.json</c>. Missing keys take the defaults of the architecture in Hugging Face's transformers;
/// whatever would change the computation and is not supported is refused by name.
/// </summary>
internal static class TransformerConfigReader
{
    private const string FileName = "config.json";

    // Keys of other architectures that appear in configurations calling themselves by a supported name.
    private static readonly string[] ChangesTheComputation =
    [
        "quantization_config", "num_local_experts", "num_experts", "n_routed_experts", "moe_intermediate_size",
        "attn_logit_softcapping", "final_logit_softcapping", "logit_scale", "logits_scaling", "embedding_multiplier",
        "residual_multiplier", "attention_multiplier", "clip_qkv", "no_rope_layers", "kv_lora_rank",
    ];

    public static TransformerConfig Load(string folder)
    {
        if (!Directory.Exists(folder))
            throw new ModelFormatException(folder, $"is not a folder; give the folder that holds {FileName}.");
        var path = ModelFolder.Require(folder, FileName, "give a Hugging Face model folder.");
        using var document = JsonFile.Read(path);
        return Read(new JsonFields(path, document.RootElement));
    }

    private static TransformerConfig Read(JsonFields json)
    {
        var family = ReadFamily(json);
        RefuseUnsupported(json);
        var heads = json.RequiredInt("num_attention_heads");
        var hidden = json.RequiredInt("hidden_size");
        var layers = json.RequiredInt("num_hidden_layers");
        if (heads < 1)
            throw json.Error("num_attention_heads", $"is {heads}, but must be at least 1.");
        if (!json.Has("head_dim") && family != ModelFamily.Qwen3 && hidden % heads != 0)
            throw json.Error("hidden_size", $"is {hidden}, no multiple of the {heads} heads, and head_dim is missing.");

        var maxPositions = json.Int("max_position_embeddings") ?? family switch
        {
            ModelFamily.Llama => 2048,
            ModelFamily.Mistral => 131_072,
            _ => 32_768,
        };
        var config = new TransformerConfig
        {
            Family = family,
            HiddenSize = hidden,
            IntermediateSize = json.RequiredInt("intermediate_size"),
            LayerCount = layers,
            HeadCount = heads,
            KeyValueHeadCount = json.Int("num_key_value_heads") ?? family switch
            {
                ModelFamily.Llama => heads,
                ModelFamily.Mistral => 8,
                _ => 32,
            },
            HeadSize = json.Int("head_dim") ?? (family == ModelFamily.Qwen3 ? 128 : hidden / heads),
            VocabularySize = json.RequiredInt("vocab_size"),
            MaxPositions = maxPositions,
            RmsNormEpsilon = json.Number("rms_norm_eps") ?? 1e-6,
            Rotary = ReadRotary(json),
            AttentionBias = family != ModelFamily.Qwen2 && (json.Bool("attention_bias") ?? false),
            MlpBias = json.Bool("mlp_bias") ?? false,
            TieWordEmbeddings = json.Bool("tie_word_embeddings") ?? false,
            SlidingWindow = ReadWindow(json, family, layers),
        };
        return config.FindProblem() is { } problem ? throw new ModelFormatException(json.Path, problem) : config;
    }

    private static ModelFamily ReadFamily(JsonFields json)
    {
        var type = json.Text("model_type") ?? throw json.Error("model_type", "is missing.");
        (ModelFamily Family, string Architecture)? known = type switch
        {
            "llama" or "smollm" => (ModelFamily.Llama, "LlamaForCausalLM"),
            "mistral" => (ModelFamily.Mistral, "MistralForCausalLM"),
            "qwen2" => (ModelFamily.Qwen2, "Qwen2ForCausalLM"),
            "qwen3" => (ModelFamily.Qwen3, "Qwen3ForCausalLM"),
            _ => null,
        };
        if (known is not var (family, architecture))
        {
            throw json.Error(
                "model_type", $"is '{type}', which is not supported; choose llama, mistral, qwen2 or qwen3.");
        }

        if (json.Texts("architectures") is { Length: > 0 } given
            && given.FirstOrDefault(a => a != architecture) is { } other)
        {
            throw json.Error(
                "architectures", $"names {other}, which is not supported; '{type}' must be {architecture}.");
        }

        return family;
    }

    private static void RefuseUnsupported(JsonFields json)
    {
        foreach (var key in ChangesTheComputation)
        {
            if (json.Has(key))
                throw json.Error(key, "is set, which is not supported; use a plain dense, unquantised model.");
        }

        if (json.Text("hidden_act") is { } activation and not ("silu" or "swish"))
            throw json.Error("hidden_act", $"is '{activation}', which is not supported; only silu is.");
        if (json.Number("partial_rotary_factor") is { } part and not 1)
            throw json.Error("partial_rotary_factor", $"is {part}, which is not supported; only 1 is.");
    }

    private static RotaryConfig ReadRotary(JsonFields json)
    {
        // Newer files keep θ and the scaling together; both objects share their keys.
        var scaling = json.Object("rope_parameters") ?? json.Object("rope_scaling");
        var theta = scaling?.Number("rope_theta") ?? json.Number("rope_theta") ?? 10_000;
        if (scaling is not { } rope)
            return new RotaryConfig(theta);
        if (rope.Number("partial_rotary_factor") is { } part and not 1)
            throw rope.Error("partial_rotary_factor", $"is {part}, which is not supported; only 1 is.");
        var type = rope.Text("rope_type") ?? rope.Text("type") ?? "default";
        var original = rope.Int("original_max_position_embeddings");
        return type switch
        {
            "default" => new RotaryConfig(theta),
            "linear" => new RotaryConfig(
                theta, RotaryScaling.Linear, rope.RequiredNumber("factor"), OriginalMaxPositions: original),
            "dynamic" => new RotaryConfig(
                theta, RotaryScaling.Dynamic, rope.RequiredNumber("factor"), OriginalMaxPositions: original),
            "llama3" => new RotaryConfig(
                theta,
                RotaryScaling.Llama3,
                rope.RequiredNumber("factor"),
                rope.RequiredNumber("low_freq_factor"),
                rope.RequiredNumber("high_freq_factor"),
                original ?? throw rope.Error("original_max_position_embeddings", "is missing.")),
            _ => throw rope.Error(
                "rope_type", $"is '{type}', which is not supported; choose default, linear, dynamic or llama3."),
        };
    }

    private static int? ReadWindow(JsonFields json, ModelFamily family, int layers)
    {
        var windowed = false;
        if (json.Texts("layer_types") is { } types)
        {
            if (types.FirstOrDefault(t => t is not ("full_attention" or "sliding_attention")) is { } unknown)
                throw json.Error("layer_types", $"names '{unknown}', which is not supported.");
            windowed = types.Contains("sliding_attention", StringComparer.Ordinal);
        }

        switch (family)
        {
            case ModelFamily.Mistral:
                // An absent key is the architecture's own default; null is no window.
                return json.IsAbsent("sliding_window") ? 4096 : json.Int("sliding_window");
            case ModelFamily.Qwen2 or ModelFamily.Qwen3 when windowed || json.Bool("use_sliding_window") == true:
                var fullLayers = json.Int("max_window_layers") ?? 28;
                return windowed || fullLayers < layers ? json.Int("sliding_window") ?? 4096 : null;
            default:
                return windowed
                    ? throw json.Error("layer_types", $"asks for windows that {family} does not have.")
                    : null;
        }
    }
}
