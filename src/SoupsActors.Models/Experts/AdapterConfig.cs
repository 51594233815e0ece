using System.Text.Json;
using System.Text.RegularExpressions;
using SoupsActors.Models.Files;

namespace SoupsActors.Models.Experts;

/// <summary>
/// <c>adapter_config.json</c> of a PEFT LoRA adapter, as far as it bears on the computation. A key that is set and not
/// known to be harmless is refused by name.
/// </summary>
internal sealed class AdapterConfig
{
    public const string FileName = "adapter_config.json";

    // Training-time settings, and settings of features that a key of their own switches on.
    private static readonly HashSet<string> Harmless =
    [
        "base_model_name_or_path", "revision", "inference_mode", "lora_dropout", "megatron_core", "loftq_config",
        "eva_config", "corda_config", "lora_ga_config", "runtime_config", "peft_version", "qalora_group_size",
    ];

    private static readonly HashSet<string> Understood =
    [
        "peft_type", "task_type", "r", "lora_alpha", "use_rslora", "target_modules", "exclude_modules",
        "layers_to_transform", "layers_pattern", "rank_pattern", "alpha_pattern", "bias", "init_lora_weights",
    ];

    private readonly JsonFields json;
    private readonly int rank;
    private readonly double alpha;
    private readonly bool rankStabilised;
    private readonly (Regex Key, double Value)[] ranks;
    private readonly (Regex Key, double Value)[] alphas;

    private AdapterConfig(JsonFields json, TransformerConfig model)
    {
        this.json = json;
        RefuseUnsupported(json);
        rank = json.Int("r") ?? 8;
        alpha = json.Number("lora_alpha") ?? 8;
        rankStabilised = json.Bool("use_rslora") ?? false;
        ranks = ReadPattern("rank_pattern");
        alphas = ReadPattern("alpha_pattern");
        try
        {
            Targets = FindTargets(model);
            Settings = Targets.ToDictionary(t => t, t => FindSettings(ModelTensors.Path(t.Layer, t.Module)));
        }
        catch (RegexMatchTimeoutException error)
        {
            throw new ModelFormatException(
                json.Path, "has a pattern that takes too long to match; write a simpler one.", error);
        }
    }

    /// <summary>Layers and modules that the adapter changes.</summary>
    public IReadOnlyList<(int Layer, TargetModule Module)> Targets { get; }

    /// <summary>Rank and scale of each of them.</summary>
    public IReadOnlyDictionary<(int Layer, TargetModule Module), (int Rank, float Scale)> Settings { get; }

    public static AdapterConfig Load(string folder, TransformerConfig model)
    {
        var path = ModelFolder.Require(folder, FileName, "give a PEFT adapter folder.");
        using var document = JsonFile.Read(path);
        return new AdapterConfig(new JsonFields(path, document.RootElement.Clone()), model);
    }

    private static void RefuseUnsupported(JsonFields json)
    {
        if (json.Text("peft_type") is not "LORA")
            throw json.Error("peft_type", "is not LORA; only LoRA adapters are supported.");
        if (json.Text("task_type") is { } task and not "CAUSAL_LM")
            throw json.Error("task_type", $"is {task}; only CAUSAL_LM adapters are supported.");
        if (json.Text("bias") is { } bias and not "none")
        {
            throw json.Error(
                "bias", $"is '{bias}'; adapters that change biases are not supported, train with bias='none'.");
        }

        if (json.TryGet("init_lora_weights", out var init) && init.ValueKind == JsonValueKind.String
            && init.GetString() is var kind and not ("gaussian" or "orthogonal" or "eva"))
        {
            throw json.Error(
                "init_lora_weights",
                $"is '{kind}', which changes the base model's weights; save the adapter converted to plain LoRA "
                + "(path_initial_model_for_weight_conversion in PEFT).");
        }

        foreach (var property in json.Properties())
        {
            if (!Harmless.Contains(property.Name) && !Understood.Contains(property.Name) && IsSet(property.Value))
            {
                throw json.Error(
                    property.Name, "is set, which is not supported; train a plain LoRA adapter without it.");
            }
        }
    }

    private static bool IsSet(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => false,
        JsonValueKind.Array => value.GetArrayLength() > 0,
        JsonValueKind.Object => value.EnumerateObject().Any(),
        JsonValueKind.String => value.GetString()!.Length > 0,
        _ => true,
    };

    private (int Rank, float Scale) FindSettings(string path)
    {
        var moduleRank = Choose(ranks, path, rank);
        var moduleAlpha = Choose(alphas, path, alpha);
        if (moduleRank != Math.Floor(moduleRank) || moduleRank < 1 || moduleRank > ExpertContent.MaxRank)
        {
            throw json.Error(
                "r", $"is {moduleRank} for {path}, but must be an integer from 1 to {ExpertContent.MaxRank}.");
        }

        var scale = (float)(moduleAlpha / (rankStabilised ? Math.Sqrt(moduleRank) : moduleRank));
        return float.IsFinite(scale)
            ? ((int)moduleRank, scale)
            : throw json.Error("lora_alpha", $"is {moduleAlpha} for {path}, too large a number.");
    }

    private static double Choose((Regex Key, double Value)[] patterns, string path, double otherwise)
    {
        foreach (var (key, value) in patterns)
        {
            // A match must start at the beginning of the path, as Python's re.match does.
            if (key.Match(path) is { Success: true, Index: 0 })
                return value;
        }

        return otherwise;
    }

    private (Regex Key, double Value)[] ReadPattern(string key)
    {
        if (json.Object(key) is not { } patterns)
            return [];
        return [.. patterns.Properties().Select(p => (
            Compile(key, p.Name, PeftPattern.Key),
            patterns.Number(p.Name) ?? throw patterns.Error(p.Name, "is null, but must be a number.")))];
    }

    private Regex Compile(string key, string pattern, Func<string, Regex> compile)
    {
        try
        {
            return compile(pattern);
        }
        catch (ArgumentException error)
        {
            throw new ModelFormatException(json.Path, $"{key} has a pattern that is not valid: {error.Message}", error);
        }
    }

    private (int Layer, TargetModule Module)[] FindTargets(TransformerConfig model)
    {
        var all = (
            from layer in Enumerable.Range(0, model.LayerCount)
            from module in ModelTensors.Modules
            select (Layer: layer, Module: module, Path: ModelTensors.Path(layer, module))).ToArray();
        var included = Matcher("target_modules", all.Select(t => t.Path)) ?? (path =>
            PeftPattern.Names("q_proj", path) || PeftPattern.Names("v_proj", path));
        var excluded = Matcher("exclude_modules", knownPaths: null) ?? (_ => false);
        if (included("lm_head") || included("model.embed_tokens"))
        {
            throw json.Error(
                "target_modules", "includes lm_head or embed_tokens; only the linear layers of blocks can be adapted.");
        }

        var layers = ReadLayers(model);
        var targets = all.Where(t => included(t.Path) && !excluded(t.Path) && layers?.Contains(t.Layer) != false)
            .Select(t => (t.Layer, t.Module)).ToArray();
        return targets.Length > 0
            ? targets
            : throw json.Error("target_modules", "matches no linear layer of the model.");
    }

    private Func<string, bool>? Matcher(string key, IEnumerable<string>? knownPaths)
    {
        if (!json.TryGet(key, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.String)
        {
            var pattern = json.Text(key)!;
            if (key == "target_modules" && pattern.Equals("all-linear", StringComparison.OrdinalIgnoreCase))
                return path => path != "lm_head" && path != "model.embed_tokens";
            var regex = Compile(key, pattern, PeftPattern.Whole);
            return regex.IsMatch;
        }

        var entries = json.Texts(key)!;
        if (knownPaths?.ToArray() is { } paths
            && entries.FirstOrDefault(e => !paths.Any(p => PeftPattern.Names(e, p))) is { } unknown)
        {
            throw json.Error(key, $"names '{unknown}', which is not a linear layer of the model's blocks.");
        }

        return path => entries.Any(e => PeftPattern.Names(e, path));
    }

    private HashSet<int>? ReadLayers(TransformerConfig model)
    {
        var layers = json.OneOrManyInts("layers_to_transform");
        if (layers is null)
            return null;
        if (json.TryGet("target_modules", out var targets) && targets.ValueKind == JsonValueKind.String)
            throw json.Error("layers_to_transform", "needs target_modules to be a list.");
        if (layers.FirstOrDefault(l => l < 0 || l >= model.LayerCount, -1) is var wrong && layers.Contains(wrong))
        {
            throw json.Error(
                "layers_to_transform", $"names layer {wrong}, but the model has layers 0 to {model.LayerCount - 1}.");
        }

        if (json.TryGet("layers_pattern", out var pattern) && IsSet(pattern))
        {
            var names = pattern.ValueKind == JsonValueKind.String
                ? [pattern.GetString()!]
                : json.Texts("layers_pattern")!;
            if (!names.Contains("layers", StringComparer.Ordinal))
                throw json.Error("layers_pattern", "does not name 'layers', where the model's blocks are.");
        }

        return [.. layers];
    }
}
