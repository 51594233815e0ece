using SoupsActors.Models.Files;

namespace SoupsActors.Models.Tests.Files;

public sealed class SafetensorsFolderTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Shards_are_one_set_of_tensors()
    {
        WriteShards();
        WriteIndex("""{"a":"m-1.safetensors","b":"m-2.safetensors"}""");
        using var opened = SafetensorsFolder.Open(folder.Path);
        Assert.Equal(["a", "b"], opened.Tensors.Select(t => t.Name).Order());
        Assert.True(opened.TryGetTensor("b", out var tensor));
        var values = new float[1];
        opened.ReadFloat32(tensor, 1, values);
        Assert.Equal([4f], values);
    }

    [Theory]
    [InlineData("../m-1.safetensors", "plain names")]
    [InlineData("/etc/m-1.safetensors", "plain names")]
    [InlineData("sub/m-1.safetensors", "plain names")]
    [InlineData("sub\\\\m-1.safetensors", "plain names")]
    [InlineData("c:m-1.safetensors", "plain names")]
    [InlineData("..", "not a safetensors file")]
    [InlineData(".hidden.safetensors", "plain names")]
    [InlineData("", "not a safetensors file")]
    [InlineData("con.safetensors", "plain names")]
    [InlineData("m-1.bin", "not a safetensors file")]
    [InlineData("m-9.safetensors", "has no m-9.safetensors")]
    [InlineData("m-2.safetensors", "is in m-2.safetensors, but it is not")]
    [InlineData("M-2.safetensors", "upper and lower case")]
    public void A_shard_name_that_leads_elsewhere_is_refused(string name, string expected)
    {
        WriteShards();
        WriteIndex($$"""{"a":"{{name}}","b":"m-2.safetensors"}""");
        var error = Assert.Throws<ModelFormatException>(() => SafetensorsFolder.Open(folder.Path));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a":"m-1.safetensors","a":"m-2.safetensors"}""", "not valid JSON")]
    [InlineData("""{"a":1}""", "not a file name")]
    [InlineData("[]", "no object 'weight_map'")]
    [InlineData("""{"a":"m-1.safetensors","b":"m-2.safetensors","c":"m-2.safetensors"}""", "tensor 'c'")]
    [InlineData("""{"a":"m-1.safetensors","b":"m-1.safetensors"}""", "tensor 'b'")]
    public void An_index_that_disagrees_with_its_shards_is_refused(string map, string expected)
    {
        WriteShards();
        WriteIndex(map);
        var error = Assert.Throws<ModelFormatException>(() => SafetensorsFolder.Open(folder.Path));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_in_two_shards_is_refused()
    {
        WriteShards();
        SafetensorsWriter.Write(folder["m-2.safetensors"], [new("a", [1], new float[1]), new("b", [1], new float[1])]);
        WriteIndex("""{"a":"m-1.safetensors","b":"m-2.safetensors"}""");
        var error = Assert.Throws<ModelFormatException>(() => SafetensorsFolder.Open(folder.Path));
        Assert.Contains("repeats tensor 'a'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_out_of_the_folder_is_refused()
    {
        using var other = new TempFolder();
        SafetensorsWriter.Write(other["secret.safetensors"], [new("a", [1], new float[1])]);
        File.CreateSymbolicLink(folder["model.safetensors"], other["secret.safetensors"]);
        var error = Assert.Throws<ModelFormatException>(() => SafetensorsFolder.Open(folder.Path));
        Assert.Contains("outside the folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Links_of_the_hugging_face_cache_are_followed()
    {
        var snapshot = Directory.CreateDirectory(folder[Path.Combine("models--x--y", "snapshots", "abc")]).FullName;
        var blob = folder[Path.Combine("models--x--y", "blobs", "123")];
        SafetensorsWriter.Write(blob, [new("a", [1], new float[1])]);
        File.CreateSymbolicLink(Path.Combine(snapshot, "model.safetensors"), Path.Combine("..", "..", "blobs", "123"));
        using var opened = SafetensorsFolder.Open(snapshot);
        Assert.Single(opened.Tensors);
    }

    [Fact]
    public void Pickled_weights_are_never_read()
    {
        folder.WriteText("pytorch_model.bin", "");
        var error = Assert.Throws<ModelFormatException>(() => SafetensorsFolder.Open(folder.Path));
        Assert.Contains("pickled", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_weights_is_refused()
    {
        Assert.Throws<ModelFormatException>(() => SafetensorsFolder.Open(folder.Path));
        Assert.Throws<ModelFormatException>(() => SafetensorsFolder.Open(folder["missing"]));
    }

    private void WriteShards()
    {
        SafetensorsWriter.Write(folder["m-1.safetensors"], [new("a", [2], new[] { 1f, 2 })]);
        SafetensorsWriter.Write(folder["m-2.safetensors"], [new("b", [2], new[] { 3f, 4 })]);
    }

    private void WriteIndex(string map) =>
        folder.WriteText("model.safetensors.index.json", $$"""{"metadata":{"total_size":16},"weight_map":{{map}}}""");
}
