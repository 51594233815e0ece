using SoupsActors.Models.Files;

namespace SoupsActors.Models.Experts;

/// <summary>
/// Writes <c>adapter_config.json</c>. The scale of each module is written as α = scale · r without rsLoRA, which gives
/// the same 32-bit scale when divided again.
/// </summary>
internal static class AdapterConfigWriter
{
    public static void Save(string folder, Expert expert, string? baseModelName) =>
        AtomicFile.WriteJson(Path.Combine(folder, AdapterConfig.FileName), json =>
        {
            var rank = MostCommon(expert.Factors.Select(f => f.Rank));
            var alpha = MostCommon(expert.Factors.Select(Alpha));
            json.WriteString("peft_type", "LORA");
            json.WriteString("task_type", "CAUSAL_LM");
            if (baseModelName is null)
                json.WriteNull("base_model_name_or_path");
            else
                json.WriteString("base_model_name_or_path", baseModelName);
            json.WriteBoolean("inference_mode", true);
            json.WriteNumber("r", rank);
            json.WriteNumber("lora_alpha", alpha);
            json.WriteNumber("lora_dropout", 0);
            json.WriteString("bias", "none");
            json.WriteBoolean("fan_in_fan_out", false);
            json.WriteBoolean("use_rslora", false);
            json.WriteBoolean("use_dora", false);
            json.WriteBoolean("init_lora_weights", true);
            json.WriteStartArray("target_modules");
            // Full paths: short names would also claim layers of the model that this expert leaves alone.
            foreach (var factor in expert.Factors)
                json.WriteStringValue(ModelTensors.Path(factor.Layer, factor.Module));
            json.WriteEndArray();
            json.WriteStartObject("rank_pattern");
            foreach (var factor in expert.Factors.Where(f => f.Rank != rank))
                json.WriteNumber(PatternKey(factor), factor.Rank);
            json.WriteEndObject();
            json.WriteStartObject("alpha_pattern");
            foreach (var factor in expert.Factors.Where(f => !Alpha(f).Equals(alpha)))
                json.WriteNumber(PatternKey(factor), Alpha(factor));
            json.WriteEndObject();
        });

    // A 24-bit scale times a small integer is exact in 53 bits.
    private static double Alpha(LoraFactors factor) => (double)factor.Scale * factor.Rank;

    private static T MostCommon<T>(IEnumerable<T> values) =>
        values.GroupBy(v => v).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).First().Key;

    // Without "model.": old versions of PEFT match a key only after a dot of the path, newer ones there too.
    private static string PatternKey(LoraFactors factor) => $"layers.{factor.Layer}.{factor.Module.LocalPath()}";
}
