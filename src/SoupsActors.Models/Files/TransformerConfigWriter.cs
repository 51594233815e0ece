using System.Text.Json;

namespace SoupsActors.Models.Files;

/// <summary>
/// Writes <c>config.json</c> so that Hugging Face's transformers and this library read the same model back.
/// </summary>
internal static class TransformerConfigWriter
{
    public static void Save(
        string folder, TransformerConfig config, GenerationConfig generation, SafetensorsType type) =>
        AtomicFile.WriteJson(Path.Combine(folder, "config.json"), json =>
        {
            var family = config.Family;
            json.WriteStartArray("architectures");
            json.WriteStringValue($"{family}ForCausalLM");
            json.WriteEndArray();
            json.WriteString("model_type", family.ToString().ToLowerInvariant());
            json.WriteString("hidden_act", "silu");
            json.WriteNumber("hidden_size", config.HiddenSize);
            json.WriteNumber("intermediate_size", config.IntermediateSize);
            json.WriteNumber("num_hidden_layers", config.LayerCount);
            json.WriteNumber("num_attention_heads", config.HeadCount);
            json.WriteNumber("num_key_value_heads", config.KeyValueHeadCount);
            json.WriteNumber("head_dim", config.HeadSize);
            json.WriteNumber("vocab_size", config.VocabularySize);
            json.WriteNumber("max_position_embeddings", config.MaxPositions);
            json.WriteNumber("rms_norm_eps", config.RmsNormEpsilon);
            json.WriteBoolean("tie_word_embeddings", config.TieWordEmbeddings);
            if (family is ModelFamily.Llama or ModelFamily.Qwen3)
                json.WriteBoolean("attention_bias", config.AttentionBias);
            if (family == ModelFamily.Llama)
                json.WriteBoolean("mlp_bias", config.MlpBias);
            WriteRotary(json, config.Rotary);
            WriteWindow(json, config);
            generation.WriteTokens(json);
            json.WriteString("torch_dtype", type switch
            {
                SafetensorsType.F16 => "float16",
                SafetensorsType.BF16 => "bfloat16",
                _ => "float32",
            });
        });

    // The older form of the keys: newer readers accept it, older ones know no other.
    private static void WriteRotary(Utf8JsonWriter json, RotaryConfig rotary)
    {
        json.WriteNumber("rope_theta", rotary.Theta);
        if (rotary.Scaling == RotaryScaling.None)
        {
            json.WriteNull("rope_scaling");
            return;
        }

        json.WriteStartObject("rope_scaling");
        json.WriteString("rope_type", rotary.Scaling.ToString().ToLowerInvariant());
        json.WriteNumber("factor", rotary.Factor);
        if (rotary.Scaling == RotaryScaling.Llama3)
        {
            json.WriteNumber("low_freq_factor", rotary.LowFrequencyFactor);
            json.WriteNumber("high_freq_factor", rotary.HighFrequencyFactor);
        }

        if (rotary.OriginalMaxPositions is { } original)
            json.WriteNumber("original_max_position_embeddings", original);
        json.WriteEndObject();
    }

    private static void WriteWindow(Utf8JsonWriter json, TransformerConfig config)
    {
        if (config.Family == ModelFamily.Llama)
            return;
        if (config.SlidingWindow is { } window)
            json.WriteNumber("sliding_window", window);
        else
            json.WriteNull("sliding_window");
        if (config.Family == ModelFamily.Mistral)
            return;
        json.WriteBoolean("use_sliding_window", config.SlidingWindow is not null);
        json.WriteNumber("max_window_layers", config.SlidingWindow is null ? config.LayerCount : 0);
    }
}
