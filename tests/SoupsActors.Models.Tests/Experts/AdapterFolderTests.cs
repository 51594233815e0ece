using System.Text.Json.Nodes;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Tests.Files;

namespace SoupsActors.Models.Tests.Experts;

public sealed class AdapterFolderTests : IDisposable
{
    private const string Config = "adapter_config.json";
    private const string Weights = "adapter_model.safetensors";

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Unequal_ranks_and_scales_come_back_exactly()
    {
        // Reading back what rank_pattern holds fails in some versions of PEFT's own merges.
        var random = new Random(3);
        var factors = ModelTensors.Modules.SelectMany(module => new[]
        {
            Samples.Factors(random, 0, module, 1 + ((int)module % 3), 1.1f),
            Samples.Factors(random, 1, module, 5, (float)(16 / Math.Sqrt(5))),
        });
        var expert = ExpertContent.Create("mixed", factors, new ExpertProvenance(
            Samples.BaseHash,
            -12,
            "P1A",
            "ppo",
            "reward",
            new string('c', 64),
            new Dictionary<string, string> { ["steps"] = "10" }));
        AdapterFolder.Save(expert, folder.Path);
        var loaded = Load();
        Assert.Empty(loaded.Warnings);
        Assert.Equal(expert.Hash, loaded.Expert.Hash);
        Assert.Equal(expert.Name, loaded.Expert.Name);
        Assert.Equal(expert.Provenance.Details, loaded.Expert.Provenance.Details);
        Assert.Equal(expert.Provenance, loaded.Expert.Provenance with { Details = expert.Provenance.Details });
        foreach (var (saved, read) in expert.Factors.Zip(loaded.Expert.Factors))
        {
            Assert.Equal(
                (saved.Rank, saved.Scale, saved.Layer, saved.Module), (read.Rank, read.Scale, read.Layer, read.Module));
        }
    }

    [Theory]
    [InlineData(SafetensorsType.F16)]
    [InlineData(SafetensorsType.BF16)]
    public void Half_precision_is_stored_under_the_hash_it_is_read_with(SafetensorsType type)
    {
        var stored = AdapterFolder.Save(Samples.Expert(1), folder.Path, type);
        Assert.Equal(stored.Hash, Load().Expert.Hash);
        Assert.NotEqual(Samples.Expert(1).Hash, stored.Hash);
    }

    [Theory]
    [InlineData(false, 4f)]
    [InlineData(true, 11.3137085f)] // 16 / sqrt 2
    public void The_scale_is_alpha_over_rank_or_over_its_root(bool rankStabilised, float expected)
    {
        WritePeft(json =>
        {
            json["lora_alpha"] = rankStabilised ? 16 : 8;
            json["use_rslora"] = rankStabilised;
        });
        Assert.All(Load().Expert.Factors, f => Assert.Equal(expected, f.Scale));
    }

    [Fact]
    public void Rank_stabilised_scale_uses_the_rank_of_each_module()
    {
        WritePeft(
            json =>
            {
                json["use_rslora"] = true;
                json["rank_pattern"] = new JsonObject { ["layers.1.self_attn.q_proj"] = 4 };
                json["alpha_pattern"] = new JsonObject { ["layers.1.self_attn.q_proj"] = 6 };
            },
            rankOf: (layer, module) => layer == 1 && module == TargetModule.QProj ? 4 : 2);
        var factors = Load().Expert.Factors;
        Assert.Equal(3f, factors.Single(f => f.Layer == 1 && f.Module == TargetModule.QProj).Scale);
        Assert.Equal(
            (float)(8 / Math.Sqrt(2)), factors.Single(f => f.Layer == 0 && f.Module == TargetModule.QProj).Scale);
    }

    [Theory]
    [InlineData("q_proj", 2)] // the end of a path, after a dot
    [InlineData("layers.0.self_attn.q_proj", 1)]
    [InlineData("model.layers.0.self_attn.q_proj", 1)]
    [InlineData("^model.layers.[01].self_attn.q_proj", 2)]
    [InlineData("^layers.0", 0)] // anchored, and the path starts with model
    [InlineData("proj", 0)] // not after a dot
    [InlineData("layers\\.1\\..*q_proj", 1)]
    [InlineData("layers.0", 0)] // not to the end
    public void A_pattern_key_matches_as_in_peft(string key, int modules)
    {
        WritePeft(json => json["alpha_pattern"] = new JsonObject { [key] = 100 });
        Assert.Equal(modules, Load().Expert.Factors.Count(f => f.Scale.Equals(50f)));
    }

    [Theory]
    [InlineData("\"all-linear\"", 14)]
    [InlineData("\"model.layers.0.*\"", 7)]
    [InlineData("\".*\\\\.(q_proj|v_proj)\"", 4)]
    [InlineData("""["q_proj"]""", 2)]
    [InlineData("""["layers.1.mlp.up_proj","q_proj"]""", 3)]
    [InlineData("null", 4)]
    public void Target_modules_match_as_in_peft(string json, int modules)
    {
        var chosen = json switch
        {
            "\"all-linear\"" => (Func<int, TargetModule, bool>)((_, _) => true),
            "\"model.layers.0.*\"" => (layer, _) => layer == 0,
            """["q_proj"]""" => (_, module) => module == TargetModule.QProj,
            """["layers.1.mlp.up_proj","q_proj"]""" => (layer, module) =>
                module == TargetModule.QProj || (layer == 1 && module == TargetModule.UpProj),
            _ => (_, module) => module is TargetModule.QProj or TargetModule.VProj,
        };
        WritePeft(config => config["target_modules"] = JsonNode.Parse(json), chosen);
        Assert.Equal(modules, Load().Expert.Factors.Count);
    }

    [Fact]
    public void Layers_to_transform_and_excluded_modules_are_left_out()
    {
        WritePeft(
            json =>
            {
                json["layers_to_transform"] = new JsonArray(1);
                json["layers_pattern"] = "layers";
                json["exclude_modules"] = new JsonArray("v_proj");
            },
            (layer, module) => layer == 1 && module == TargetModule.QProj);
        Assert.Equal((1, TargetModule.QProj), Load().Expert.Factors.Select(f => (f.Layer, f.Module)).Single());
    }

    [Fact]
    public void A_peft_folder_without_our_card_loads_with_a_warning_and_the_default_key_form()
    {
        WritePeft(_ => { }, keyForm: ".default");
        var loaded = Load();
        Assert.Contains("soups.json", Assert.Single(loaded.Warnings), StringComparison.Ordinal);
        Assert.Equal(Samples.BaseHash, loaded.Expert.Provenance.BaseHash);
        Assert.Null(loaded.Expert.Provenance.InitSeed);
    }

    [Theory]
    [InlineData("peft_type", "\"IA3\"")]
    [InlineData("peft_type", "null")]
    [InlineData("task_type", "\"SEQ_CLS\"")]
    [InlineData("use_dora", "true")]
    [InlineData("bias", "\"all\"")]
    [InlineData("lora_bias", "true")]
    [InlineData("modules_to_save", """["lm_head"]""")]
    [InlineData("fan_in_fan_out", "true")]
    [InlineData("layer_replication", "[[0,1]]")]
    [InlineData("trainable_token_indices", "[1]")]
    [InlineData("target_parameters", """["x"]""")]
    [InlineData("init_lora_weights", "\"pissa\"")]
    [InlineData("init_lora_weights", "\"pissa_niter_4\"")]
    [InlineData("init_lora_weights", "\"olora\"")]
    [InlineData("init_lora_weights", "\"loftq\"")]
    [InlineData("auto_mapping", """{"parent_library":"os"}""")]
    [InlineData("megatron_config", """{"x":1}""")]
    [InlineData("alora_invocation_tokens", "[1]")]
    [InlineData("some_future_feature", "true")]
    [InlineData("r", "0")]
    [InlineData("r", "-1")]
    [InlineData("r", "100000000")]
    [InlineData("r", "2.5")]
    [InlineData("lora_alpha", "\"NaN\"")]
    [InlineData("lora_alpha", "1e300")]
    [InlineData("target_modules", """["q_proj","W_pack"]""")]
    [InlineData("target_modules", """["q_proj","lm_head"]""")]
    [InlineData("target_modules", "\"lm_head\"")]
    [InlineData("target_modules", "\"(\"")]
    [InlineData("target_modules", "\"nothing\"")]
    [InlineData("layers_to_transform", "[2]")]
    [InlineData("layers_to_transform", "[-1]")]
    [InlineData("rank_pattern", """{"[":2}""")]
    [InlineData("rank_pattern", """{"q_proj":null}""", "q_proj")]
    public void What_is_not_plain_lora_is_refused_by_name(string key, string value, string? expected = null)
    {
        WritePeft(json => json[key] = JsonNode.Parse(value));
        var error = Assert.Throws<ModelFormatException>(() => Load());
        Assert.Contains(expected ?? key, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_that_backtracks_for_ever_is_cut_short()
    {
        WritePeft(json => json["target_modules"] = "(([a-z0-9._]+)+)+!");
        var error = Assert.Throws<ModelFormatException>(() => Load());
        Assert.Contains("too long to match", error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> BadTensors => new()
    {
        { "missing A", "lacks the lora_A of model.layers.0.self_attn.q_proj" },
        { "missing B", "lacks the lora_B of model.layers.0.self_attn.q_proj" },
        { "extra module", "lora_A for model.layers.0.mlp.up_proj" },
        { "transposed", "has shape [8, 2], but rank and model ask for [2, 8]" },
        { "other rank", "has shape [3, 8]" },
        { "NaN", "NaN or infinite" },
        { "infinite", "NaN or infinite" },
        { "both forms", "in both of its forms" },
        { "other adapter name", "is no LoRA factor" },
        { "magnitude", "is no LoRA factor" },
        { "bias", "is no LoRA factor" },
        { "embedding", "is no LoRA factor" },
        { "beyond the last layer", "model.layers.2.self_attn.q_proj" },
    };

    [Theory]
    [MemberData(nameof(BadTensors))]
    public void Tensors_that_do_not_fit_are_refused_by_name(string what, string expected)
    {
        const string Module = "base_model.model.model.layers.0.self_attn.q_proj.";
        const string A = Module + "lora_A.weight";
        WritePeft(_ => { }, change: tensors =>
        {
            switch (what)
            {
                case "missing A": tensors.Remove(A); break;
                case "missing B": tensors.Remove(Module + "lora_B.weight"); break;
                case "extra module": tensors[A.Replace("self_attn.q", "mlp.up")] = ([2, 8], new float[16]); break;
                case "transposed": tensors[A] = ([8, 2], new float[16]); break;
                case "other rank": tensors[A] = ([3, 8], new float[24]); break;
                case "NaN": tensors[A].Values[3] = float.NaN; break;
                case "infinite": tensors[A].Values[3] = float.NegativeInfinity; break;
                case "both forms": tensors[Module + "lora_A.default.weight"] = tensors[A]; break;
                case "other adapter name": tensors[Module + "lora_A.other.weight/../x"] = tensors[A]; break;
                case "magnitude": tensors[Module + "lora_magnitude_vector"] = ([8], new float[8]); break;
                case "bias": tensors[Module + "lora_B.bias"] = ([8], new float[8]); break;
                case "embedding": tensors["base_model.model.x.lora_embedding_A"] = ([2, 16], new float[32]); break;
                default: tensors["base_model.model.model.layers.2.self_attn.q_proj.lora_A.weight"] = tensors[A]; break;
            }
        });
        var error = Assert.Throws<ModelFormatException>(() => Load());
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Factors_of_mixed_types_load()
    {
        WritePeft(_ => { }, type: name => name.Contains("_A.", StringComparison.Ordinal)
            ? SafetensorsType.F16
            : SafetensorsType.BF16);
        Assert.Equal(4, Load().Expert.Factors.Count);
    }

    [Fact]
    public void An_adapter_of_another_base_is_refused()
    {
        AdapterFolder.Save(Samples.Expert(1, baseHash: new string('b', 64)), folder.Path);
        var error = Assert.Throws<ExpertMismatchException>(() => Load());
        Assert.Contains(new string('b', 64), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_changed_behind_the_card_are_refused()
    {
        AdapterFolder.Save(Samples.Expert(1), folder.Path);
        var card = File.ReadAllText(folder["soups.json"]);
        AdapterFolder.Save(Samples.Expert(2), folder.Path);
        File.WriteAllText(folder["soups.json"], card);
        var error = Assert.Throws<ModelFormatException>(() => Load());
        Assert.Contains("was changed", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("format", "2")]
    [InlineData("base_hash", "\"../../x\"")]
    [InlineData("base_hash", "null")]
    [InlineData("content_hash", "\"ABC\"")]
    [InlineData("init_seed", "\"7\"")]
    [InlineData("name", "7")]
    [InlineData("details", """["x"]""")]
    public void A_wrong_card_is_refused(string key, string value)
    {
        AdapterFolder.Save(Samples.Expert(1), folder.Path);
        var card = JsonNode.Parse(File.ReadAllText(folder["soups.json"]))!.AsObject();
        card[key] = JsonNode.Parse(value);
        folder.WriteText("soups.json", card.ToJsonString());
        var error = Assert.Throws<ModelFormatException>(() => Load());
        Assert.Contains(key, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Weights)]
    [InlineData(Config)]
    [InlineData("soups.json")]
    public void Links_out_of_the_folder_are_refused(string name)
    {
        AdapterFolder.Save(Samples.Expert(1), folder.Path);
        using var other = new TempFolder();
        File.Move(folder[name], other[name]);
        File.CreateSymbolicLink(folder[name], other[name]);
        var error = Assert.Throws<ModelFormatException>(() => Load());
        Assert.Contains("outside the folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pickled_adapters_are_never_read()
    {
        WritePeft(_ => { });
        File.Move(folder[Weights], folder["adapter_model.bin"]);
        var error = Assert.Throws<ModelFormatException>(() => Load());
        Assert.Contains("pickled", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_over_the_size_limit_is_not_opened()
    {
        WritePeft(_ => { });
        using (var stream = File.OpenWrite(folder[Weights]))
            stream.SetLength(AdapterFolder.MaxFileBytes + 1);
        var error = Assert.Throws<ModelFormatException>(() => Load());
        Assert.Contains("allowed for an adapter", error.Message, StringComparison.Ordinal);
    }

    private LoadedAdapter Load() => AdapterFolder.Load(folder.Path, Samples.Config, Samples.BaseHash);

    // A folder as PEFT writes it: q and v of both layers, r = 2, alpha = 8.
    private void WritePeft(
        Action<JsonObject> edit,
        Func<int, TargetModule, bool>? only = null,
        Func<int, TargetModule, int>? rankOf = null,
        string keyForm = "",
        Func<string, SafetensorsType>? type = null,
        Action<Dictionary<string, (long[] Shape, float[] Values)>>? change = null)
    {
        var expert = Samples.Expert(
            1, only: only ?? ((_, module) => module is TargetModule.QProj or TargetModule.VProj), rankOf: rankOf);
        var tensors = new Dictionary<string, (long[] Shape, float[] Values)>();
        foreach (var f in expert.Factors)
        {
            var key = $"base_model.model.{ModelTensors.Path(f.Layer, f.Module)}.lora_";
            tensors[$"{key}A{keyForm}.weight"] = ([f.Rank, f.Inputs], f.A);
            tensors[$"{key}B{keyForm}.weight"] = ([f.Outputs, f.Rank], f.B);
        }

        change?.Invoke(tensors);
        SafetensorsWriter.Write(folder[Weights], tensors.Select(t => new TensorToWrite(
            t.Key, t.Value.Shape, t.Value.Values, type?.Invoke(t.Key) ?? SafetensorsType.F32)));
        var config = JsonNode.Parse("""
            {"alpha_pattern":{},"auto_mapping":null,"base_model_name_or_path":"x/y","bias":"none","eva_config":null,
             "fan_in_fan_out":false,"inference_mode":true,"init_lora_weights":true,"layer_replication":null,
             "layers_pattern":null,"layers_to_transform":null,"loftq_config":{},"lora_alpha":8,"lora_bias":false,
             "lora_dropout":0.05,"megatron_config":null,"megatron_core":"megatron.core","modules_to_save":null,
             "peft_type":"LORA","qalora_group_size":16,"r":2,"rank_pattern":{},"revision":null,
             "target_modules":["v_proj","q_proj"],"task_type":"CAUSAL_LM","use_dora":false,"use_rslora":false}
            """)!.AsObject();
        edit(config);
        folder.WriteText(Config, config.ToJsonString());
    }
}
