using System.Text.Json.Nodes;
using SoupsActors.Models.Files;
using SoupsActors.Testing;

namespace SoupsActors.Models.Tests.Files;

public sealed class TransformerConfigTests : IDisposable
{
    private const string Llama = """
        {"model_type":"llama","architectures":["LlamaForCausalLM"],"hidden_size":64,"intermediate_size":96,
         "num_hidden_layers":3,"num_attention_heads":8,"num_key_value_heads":4,"vocab_size":100,
         "max_position_embeddings":256,"rms_norm_eps":1e-05,"rope_theta":500000,"hidden_act":"silu"}
        """;

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_llama_file_is_read()
    {
        var config = Load();
        Assert.Equal(
            new TransformerConfig
            {
                HiddenSize = 64,
                IntermediateSize = 96,
                LayerCount = 3,
                HeadCount = 8,
                KeyValueHeadCount = 4,
                HeadSize = 8,
                VocabularySize = 100,
                MaxPositions = 256,
                RmsNormEpsilon = 1e-5,
                Rotary = new RotaryConfig(500_000),
            },
            config);
        Assert.Equal(256, config.ContextLength);
        Assert.Null(config.ContextLimit);
    }

    [Fact]
    public void The_real_file_is_read()
    {
        var path = SharedData.Require("data/tinystories-656k");
        var config = TransformerConfig.Load(path);
        Assert.Equal((128, 2, 8, 4, 16, 512), (
            config.HiddenSize,
            config.LayerCount,
            config.HeadCount,
            config.KeyValueHeadCount,
            config.HeadSize,
            config.ContextLength));
        Assert.True(config.TieWordEmbeddings);
        var generation = GenerationConfig.Load(path);
        Assert.Equal([2], generation.EosTokenIds);
        Assert.Equal(1, generation.BosTokenId);
    }

    [Theory]
    [InlineData("mistral", "MistralForCausalLM", ModelFamily.Mistral, false, false)]
    [InlineData("qwen2", "Qwen2ForCausalLM", ModelFamily.Qwen2, true, false)]
    [InlineData("qwen3", "Qwen3ForCausalLM", ModelFamily.Qwen3, false, true)]
    public void Families_differ_in_biases_and_norms(
        string type, string architecture, ModelFamily family, bool queryBias, bool queryNorm)
    {
        var config = Load(("model_type", type), ("architectures", new JsonArray(architecture)));
        Assert.Equal(family, config.Family);
        Assert.Equal(queryBias, config.QueryKeyValueBias);
        Assert.False(config.OutputBias);
        Assert.Equal(queryNorm, config.QueryKeyNorm);
        Assert.Equal(queryNorm ? 128 : 8, config.HeadSize);
    }

    [Theory]
    [InlineData("""{"type":"linear","factor":4.0}""", RotaryScaling.Linear, 1024)]
    [InlineData("""{"rope_type":"dynamic","factor":2}""", RotaryScaling.Dynamic, 512)]
    [InlineData("""{"type":"linear","factor":4,"original_max_position_embeddings":64}""", RotaryScaling.Linear, 256)]
    [InlineData(
        """
        {"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":32}
        """, RotaryScaling.Llama3, 256)]
    [InlineData("""{"rope_type":"default"}""", RotaryScaling.None, 256)]
    public void Rotary_scaling_is_read_and_sets_the_context(string json, RotaryScaling scaling, int context)
    {
        var config = Load(("rope_scaling", JsonNode.Parse(json)));
        Assert.Equal(scaling, config.Rotary.Scaling);
        Assert.Equal(context, config.ContextLength);
    }

    [Fact]
    public void The_newer_rope_parameters_win_over_the_older_key()
    {
        var config = Load(("rope_parameters", JsonNode.Parse("""{"rope_type":"default","rope_theta":1000000.0}""")));
        Assert.Equal(new RotaryConfig(1_000_000), config.Rotary);
    }

    [Fact]
    public void A_mistral_window_limits_the_context_and_says_so()
    {
        var config = Load(
            ("model_type", "mistral"),
            ("architectures", null),
            ("sliding_window", 4096),
            ("max_position_embeddings", 32768));
        Assert.Equal(4096, config.ContextLength);
        Assert.Contains("4096", config.ContextLimit, StringComparison.Ordinal);
        var unlimited = Load(
            ("model_type", "mistral"),
            ("architectures", null),
            ("sliding_window", null),
            ("max_position_embeddings", 32768));
        Assert.Equal((32768, null), (unlimited.ContextLength, unlimited.ContextLimit));
    }

    [Fact]
    public void A_qwen_window_counts_only_where_it_is_used()
    {
        (string, JsonNode?)[] qwen = [("model_type", "qwen2"), ("architectures", null), ("sliding_window", 128)];
        Assert.Equal(256, Load([.. qwen, ("use_sliding_window", false)]).ContextLength);
        Assert.Equal(256, Load([.. qwen, ("use_sliding_window", true), ("max_window_layers", 3)]).ContextLength);
        Assert.Equal(128, Load([.. qwen, ("use_sliding_window", true), ("max_window_layers", 2)]).ContextLength);
    }

    [Theory]
    [InlineData("model_type", "\"gpt2\"")]
    [InlineData("model_type", "\"mixtral\"")]
    [InlineData("model_type", "null")]
    [InlineData("model_type", "7")]
    [InlineData("architectures", """["LlamaForSequenceClassification"]""")]
    [InlineData("hidden_act", "\"gelu\"")]
    [InlineData("quantization_config", """{"bits":4}""")]
    [InlineData("num_local_experts", "8")]
    [InlineData("attn_logit_softcapping", "50.0")]
    [InlineData("partial_rotary_factor", "0.5")]
    [InlineData("rope_scaling", """{"type":"yarn","factor":4}""", "rope_scaling.rope_type is 'yarn'")]
    [InlineData("rope_scaling", """{"type":"linear"}""", "rope_scaling.factor is missing")]
    [InlineData("rope_scaling", """{"type":"linear","factor":0.5}""", "factor is 0.5")]
    [InlineData("rope_scaling", """{"rope_type":"llama3","factor":8}""", "low_freq_factor is missing")]
    [InlineData("rope_scaling", "\"linear\"")]
    [InlineData("layer_types", """["full_attention","linear_attention","full_attention"]""")]
    [InlineData("layer_types", """["sliding_attention"]""")]
    [InlineData("hidden_size", "null")]
    [InlineData("hidden_size", "-64")]
    [InlineData("hidden_size", "65")]
    [InlineData("hidden_size", "64.5")]
    [InlineData("num_attention_heads", "0")]
    [InlineData("num_key_value_heads", "3")]
    [InlineData("head_dim", "7")]
    [InlineData("vocab_size", "99999999999")]
    [InlineData("rms_norm_eps", "0")]
    [InlineData("rope_theta", "1e999")]
    [InlineData("tie_word_embeddings", "\"yes\"")]
    public void What_is_not_supported_is_refused_by_name(string key, string value, string? expected = null)
    {
        var error = Assert.Throws<ModelFormatException>(() => Load((key, JsonNode.Parse(value))));
        Assert.Contains(expected ?? key, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_given_twice_is_refused()
    {
        folder.WriteText("config.json", """{"model_type":"llama","model_type":"mistral"}""");
        Assert.Throws<ModelFormatException>(() => TransformerConfig.Load(folder.Path));
    }

    public static TheoryData<ModelFamily, RotaryScaling, int?, bool> Saved => new(
        from family in Enum.GetValues<ModelFamily>()
        from scaling in Enum.GetValues<RotaryScaling>()
        from window in family == ModelFamily.Llama ? [null] : new int?[] { null, 16 }
        from bias in new[] { false, true }
        select (family, scaling, window, bias));

    [Theory]
    [MemberData(nameof(Saved))]
    public void What_is_saved_is_read_back(ModelFamily family, RotaryScaling scaling, int? window, bool bias)
    {
        var config = TinyModels.Config(family, tied: bias) with
        {
            Rotary = scaling == RotaryScaling.None
                ? new RotaryConfig(77)
                : new RotaryConfig(77, scaling, 3, OriginalMaxPositions: scaling == RotaryScaling.Llama3 ? 10 : null),
            SlidingWindow = window,
            AttentionBias = bias && family is ModelFamily.Llama or ModelFamily.Qwen3,
            MlpBias = bias && family == ModelFamily.Llama,
        };
        var generation = new GenerationConfig
        {
            EosTokenIds = bias ? [1, 2] : [1],
            BosTokenId = 0,
            DoSample = true,
            Temperature = 0.7,
            TopK = 20,
            TopP = 0.9,
            MinP = 0.05,
            RepetitionPenalty = 1.1,
            NoRepeatNgramSize = 3,
            MaxNewTokens = 64,
        };
        TransformerConfigWriter.Save(folder.Path, config, generation, SafetensorsType.F32);
        generation.Save(folder.Path);
        Assert.Equal(config, TransformerConfig.Load(folder.Path));
        var read = GenerationConfig.Load(folder.Path);
        Assert.Equal(generation.EosTokenIds, read.EosTokenIds);
        Assert.Equal(generation with { EosTokenIds = read.EosTokenIds }, read);
    }

    [Theory]
    [InlineData("""{"eos_token_id":-1}""")]
    [InlineData("""{"eos_token_id":"2"}""")]
    [InlineData("""{"temperature":-1}""")]
    [InlineData("""{"top_p":1.5}""")]
    [InlineData("""{"top_k":-1}""")]
    public void Wrong_generation_settings_are_refused(string json)
    {
        folder.WriteText("generation_config.json", json);
        Assert.Throws<ModelFormatException>(() => GenerationConfig.Load(folder.Path));
    }

    private TransformerConfig Load(params (string Key, JsonNode? Value)[] changes)
    {
        var json = JsonNode.Parse(Llama)!.AsObject();
        foreach (var (key, value) in changes)
            json[key] = value?.DeepClone();
        folder.WriteText("config.json", json.ToJsonString());
        return TransformerConfig.Load(folder.Path);
    }
}
