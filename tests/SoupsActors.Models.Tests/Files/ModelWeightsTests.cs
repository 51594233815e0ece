using System.Text.Json;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Testing;

namespace SoupsActors.Models.Tests.Files;

public sealed class ModelWeightsTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_real_model_with_its_embedding_under_the_other_name_loads()
    {
        using var weights = ModelWeights.Load(SharedData.Require("data/tinystories-656k"));
        Assert.Equal(64, weights.BaseHash.Length);
        Assert.Equal(2048 * 128, weights.Read(ModelTensors.Embedding).Length);
        Assert.Equal(weights.Read(ModelTensors.Embedding), weights.Read(ModelTensors.Output));
        weights.Save(folder.Path);
        using var again = ModelWeights.Load(folder.Path);
        Assert.Equal(weights.BaseHash, again.BaseHash);
    }

    [Theory]
    [InlineData(ModelFamily.Llama, true)]
    [InlineData(ModelFamily.Mistral, false)]
    [InlineData(ModelFamily.Qwen2, false)]
    [InlineData(ModelFamily.Qwen3, true)]
    public void Every_family_is_saved_and_read_back(ModelFamily family, bool tied)
    {
        using var weights = TinyModels.Weights(TinyModels.Config(family, tied));
        weights.Save(folder.Path);
        using var read = ModelWeights.Load(folder.Path);
        Assert.Equal(weights.BaseHash, read.BaseHash);
        Assert.All(weights.Tensors.Keys, name => Assert.Equal(weights.Read(name), read.Read(name)));
        Assert.Equal(
            family == ModelFamily.Qwen2, weights.Tensors.ContainsKey(ModelTensors.Bias(1, TargetModule.QProj)));
        Assert.Equal(family == ModelFamily.Qwen3, weights.Tensors.ContainsKey(ModelTensors.KeyNorm(1)));
    }

    [Theory]
    [InlineData(SafetensorsType.F16, 5e-4f)]
    [InlineData(SafetensorsType.BF16, 4e-3f)]
    public void Half_precision_is_close_and_stable(SafetensorsType type, float tolerance)
    {
        using var weights = TinyModels.Weights(TinyModels.Config());
        weights.Save(folder.Path, type);
        using var read = ModelWeights.Load(folder.Path);
        foreach (var name in weights.Tensors.Keys)
        {
            var expected = weights.Read(name);
            var found = read.Read(name);
            for (var i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], found[i], tolerance);
        }

        read.Save(folder["again"], SafetensorsType.F32);
        using var widened = ModelWeights.Load(folder["again"]);
        Assert.Equal(read.BaseHash, widened.BaseHash);
        Assert.NotEqual(weights.BaseHash, read.BaseHash);
    }

    [Fact]
    public void The_hash_does_not_depend_on_shards()
    {
        using var weights = TinyModels.Weights(TinyModels.Config());
        weights.Save(folder.Path);
        File.Delete(folder["model.safetensors"]);
        var map = new Dictionary<string, string>();
        foreach (var (name, i) in weights.Tensors.Keys.Select((name, i) => (name, i)))
            map[name] = $"part-{i % 3}.safetensors";
        foreach (var part in map.GroupBy(m => m.Value, m => m.Key))
        {
            SafetensorsWriter.Write(
                folder[part.Key], part.Select(n => new TensorToWrite(n, weights.Tensors[n], weights.Read(n))));
        }

        folder.WriteText("model.safetensors.index.json", JsonSerializer.Serialize(new { weight_map = map }));
        using var read = ModelWeights.Load(folder.Path);
        Assert.Equal(weights.BaseHash, read.BaseHash);
    }

    [Fact]
    public void The_hash_names_every_value_and_the_configuration()
    {
        var config = TinyModels.Config();
        var hashes = new HashSet<string> { TinyModels.Weights(config).BaseHash };
        foreach (var name in ModelTensors.Expected(config).Keys)
        {
            var tensors = TinyModels.Tensors(config);
            tensors[name][^1] += 1;
            Assert.True(hashes.Add(ModelWeights.Create(config, tensors).BaseHash), name);
        }

        Assert.True(hashes.Add(TinyModels.Weights(config with { Rotary = new RotaryConfig(99) }).BaseHash));
        Assert.True(hashes.Add(TinyModels.Weights(config with { RmsNormEpsilon = 1e-5 }).BaseHash));
        Assert.True(hashes.Add(TinyModels.Weights(config with { Family = ModelFamily.Mistral }).BaseHash));
        Assert.False(hashes.Add(TinyModels.Weights(config).BaseHash));
    }

    [Theory]
    [InlineData(false, "lm_head.weight")]
    [InlineData(true, "model.embed_tokens.weight")]
    public void A_missing_tensor_is_named(bool tied, string name)
    {
        var error = Assert.Throws<ModelFormatException>(() => LoadChanged(tied, t => t.Remove(name)));
        Assert.Contains($"lacks tensor '{name}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_of_another_shape_is_named()
    {
        var error = Assert.Throws<ModelFormatException>(
            () => LoadChanged(false, t => t["model.norm.weight"] = ([4, 2], new float[8])));
        Assert.Contains("'model.norm.weight' has shape [4, 2]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unexpected_tensor_is_named_but_rotary_buffers_are_ignored()
    {
        using (LoadChanged(false, t => t["model.layers.0.self_attn.rotary_emb.inv_freq"] = ([2], new float[2])))
        {
        }

        var error = Assert.Throws<ModelFormatException>(
            () => LoadChanged(false, t => t["model.layers.0.self_attn.q_proj.bias"] = ([8], new float[8])));
        Assert.Contains("'model.layers.0.self_attn.q_proj.bias'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tied_model_may_store_both_names_only_if_equal()
    {
        using (LoadChanged(true, t => t["lm_head.weight"] = t["model.embed_tokens.weight"]))
        {
        }

        var error = Assert.Throws<ModelFormatException>(
            () => LoadChanged(true, t => t["lm_head.weight"] = ([16, 8], new float[128])));
        Assert.Contains("differs from the embedding", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Values_that_are_not_finite_are_refused_by_name(float value)
    {
        var error = Assert.Throws<ModelFormatException>(
            () => LoadChanged(false, t => t["model.norm.weight"].Values[7] = value));
        Assert.Contains(
            "'model.norm.weight' has values that are NaN or infinite", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Part_of_a_tensor_can_be_read()
    {
        using var weights = TinyModels.Weights(TinyModels.Config());
        var row = new float[8];
        weights.Read(ModelTensors.Embedding, 16, row);
        Assert.Equal(weights.Read(ModelTensors.Embedding)[16..24], row);
        Assert.Throws<KeyNotFoundException>(() => weights.Read("model.nothing"));
    }

    private ModelWeights LoadChanged(bool tied, Action<Dictionary<string, (long[] Shape, float[] Values)>> change)
    {
        var config = TinyModels.Config(tied: tied);
        using var weights = TinyModels.Weights(config);
        weights.Save(folder.Path);
        var tensors = weights.Tensors.ToDictionary(t => t.Key, t => (t.Value, weights.Read(t.Key)));
        change(tensors);
        SafetensorsWriter.Write(
            folder["model.safetensors"], tensors.Select(t => new TensorToWrite(t.Key, t.Value.Item1, t.Value.Item2)));
        return ModelWeights.Load(folder.Path);
    }
}
