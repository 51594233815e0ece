using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SoupsActors.Tensors;

namespace SoupsActors.Miniature.Experiments;

/// <summary>Everything the results of a run depend on; results of another card are never continued.</summary>
/// <param name="Experiment">Name of the experiment.</param>
/// <param name="Quick">Whether it is the short form.</param>
/// <param name="Seed">Seed of everything random.</param>
/// <param name="Threads">Worker threads: sums of gradients are formed in an order that depends on them.</param>
/// <param name="Miniature">Hash over the files of base, experts and what else is packaged.</param>
/// <param name="Data">Hash over the files of the extra data, or null where none was given.</param>
/// <param name="Settings">The experiment's own numbers.</param>
internal sealed record RunCard(
    string Experiment, bool Quick, int Seed, int Threads, string Miniature, string? Data, JsonNode? Settings)
{
    public static RunCard Of(IExperiment experiment, ExperimentRequest request, Backend backend) => new(
        experiment.Name,
        request.Quick,
        request.Seed,
        Threads: ThreadsOf(backend),
        HashOf(request.Miniature.Root, f => !f.StartsWith(request.Miniature.Work, StringComparison.Ordinal)),
        request.Data is { } data ? HashOf(data, _ => true) : null,
        JsonSerializer.SerializeToNode(experiment.Settings(request.Quick), ExperimentJson.Options));

    public string Fingerprint() => Convert.ToHexStringLower(SHA256.HashData(ToJson()))[..16];

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ExperimentJson.Options);

    /// <summary>What another card has otherwise, in words, or null where nothing differs.</summary>
    public string? DifferenceTo(ReadOnlySpan<byte> other)
    {
        var mine = JsonNode.Parse(ToJson())!.AsObject();
        var theirs = JsonNode.Parse(other)!.AsObject();
        var differences = mine.Select(p => p.Key)
            .Where(key => !JsonNode.DeepEquals(mine[key], theirs[key]))
            .Select(key => mine[key] is JsonObject or null || theirs[key] is JsonObject or null
                ? key
                : $"{key} ({theirs[key]!.ToJsonString()} there, {mine[key]!.ToJsonString()} here)")
            .ToArray();
        return differences.Length == 0 ? null : string.Join(", ", differences);
    }

    private static int ThreadsOf(Backend backend) => backend is Tensors.Cpu.CpuBackend cpu ? cpu.Threads : 1;

    private static string HashOf(string folder, Func<string, bool> counts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (!Directory.Exists(folder))
            throw new InvalidOperationException($"{folder} is not a folder.");
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(counts)
            .Where(f => Path.GetExtension(f) is ".safetensors" or ".json")
            .Order(StringComparer.Ordinal);
        foreach (var file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(folder, file)));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
