using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace SoupsActors.Models.Files;

/// <summary>
/// The weights of a model folder: <c>model.safetensors</c>, or the shards that <c>model.safetensors.index.json</c>
/// names.
/// </summary>
internal sealed class SafetensorsFolder : ITensorSource
{
    private const string SingleName = "model.safetensors";
    private const string IndexName = "model.safetensors.index.json";
    private const int MaxShards = 1000;

    private readonly List<SafetensorsFile> files = [];
    private readonly Dictionary<string, (SafetensorsFile File, SafetensorsTensor Tensor)> tensors = [];

    private SafetensorsFolder(string folder) => Path = folder;

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<SafetensorsTensor> Tensors => [.. tensors.Values.Select(t => t.Tensor)];

    /// <summary>Opens and checks all files.</summary>
    /// <exception cref="ModelFormatException">
    /// A file is missing or damaged, or the index and the shards disagree.
    /// </exception>
    public static SafetensorsFolder Open(string folder)
    {
        if (!Directory.Exists(folder))
            throw new ModelFormatException(folder, "is not a folder; give the folder that holds config.json.");
        var opened = new SafetensorsFolder(folder);
        try
        {
            if (ModelFolder.Find(folder, SingleName) is { } single)
                opened.Add(SafetensorsFile.Open(single));
            else if (ModelFolder.Find(folder, IndexName) is { } index)
                opened.AddShards(index);
            else
                throw new ModelFormatException(folder, NothingFound(folder));
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool TryGetTensor(string name, [NotNullWhen(true)] out SafetensorsTensor? tensor)
    {
        var found = tensors.TryGetValue(name, out var entry);
        tensor = entry.Tensor;
        return found;
    }

    /// <inheritdoc/>
    public void ReadFloat32(SafetensorsTensor tensor, long start, Span<float> destination) =>
        ((ITensorSource)tensors[tensor.Name].File).ReadFloat32(tensor, start, destination);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in files)
            file.Dispose();
    }

    private static string NothingFound(string folder) =>
        Directory.EnumerateFiles(folder, "*.bin").Any()
            ? $"has pickled weights (.bin) only, which can run code and are never read; save the model as {SingleName}."
            : $"has neither {SingleName} nor {IndexName}; give a folder saved with safetensors.";

    private void Add(SafetensorsFile file)
    {
        files.Add(file);
        foreach (var tensor in file.Tensors)
        {
            if (!tensors.TryAdd(tensor.Name, (file, tensor)))
            {
                throw new ModelFormatException(
                    file.Path, $"repeats tensor '{tensor.Name}' of another shard; remove one of them.");
            }
        }
    }

    private void AddShards(string indexPath)
    {
        var map = ReadIndex(indexPath);
        var names = map.Values.Distinct().Order(StringComparer.Ordinal).ToArray();
        if (names.Length > MaxShards)
        {
            throw new ModelFormatException(
                indexPath, $"names {names.Length} shards, more than the {MaxShards} allowed.");
        }

        if (names.Distinct(StringComparer.OrdinalIgnoreCase).Count() != names.Length)
        {
            throw new ModelFormatException(
                indexPath, "names shards that differ in upper and lower case only; rename them.");
        }

        foreach (var name in names)
        {
            if (!name.EndsWith(".safetensors", StringComparison.Ordinal))
            {
                throw new ModelFormatException(
                    indexPath, $"names the shard '{name}', which is not a safetensors file.");
            }

            Add(SafetensorsFile.Open(ModelFolder.Require(Path, name, $"{IndexName} needs it; fetch it again.")));
        }

        foreach (var (tensor, name) in map)
        {
            if (!tensors.TryGetValue(tensor, out var found) || System.IO.Path.GetFileName(found.File.Path) != name)
            {
                throw new ModelFormatException(
                    indexPath, $"says tensor '{tensor}' is in {name}, but it is not; fetch both again.");
            }
        }

        if (tensors.Keys.FirstOrDefault(tensor => !map.ContainsKey(tensor)) is { } unlisted)
        {
            throw new ModelFormatException(
                indexPath, $"does not list tensor '{unlisted}' of its shards; fetch it again.");
        }
    }

    private static Dictionary<string, string> ReadIndex(string path)
    {
        using var document = JsonFile.Read(path);
        if (!document.RootElement.TryGetProperty("weight_map", out var weights)
            || weights.ValueKind != JsonValueKind.Object)
            throw new ModelFormatException(path, "has no object 'weight_map'; fetch it again.");
        var map = new Dictionary<string, string>();
        foreach (var entry in weights.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.String)
            {
                throw new ModelFormatException(
                    path, $"maps tensor '{entry.Name}' to something that is not a file name.");
            }

            map.Add(entry.Name, entry.Value.GetString()!);
        }

        return map;
    }
}
