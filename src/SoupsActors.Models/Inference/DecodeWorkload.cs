using System.Text.Json;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;

namespace SoupsActors.Models.Inference;

/// <summary>
/// A fixed decoding workload in a folder, the same for every runtime that is compared: <c>hf/</c> holds a model,
/// <c>lora/0</c> and on hold experts in PEFT's format, <c>fixture.json</c> holds prompts and the weights of each user.
/// </summary>
public sealed class DecodeWorkload : IDisposable
{
    private DecodeWorkload(string name, ModelWeights weights, IReadOnlyList<Expert> experts, Fixture fixture)
    {
        Name = name;
        Weights = weights;
        Experts = experts;
        Prompts = fixture.Prompts;
        LongPrompt = fixture.Prefill;
        NewTokens = fixture.NewTokens;
        Mixes =
        [
            .. fixture.Lambda.Select(row => Mix.Create(
                MergeMode.Product, row.Zip(experts, (weight, expert) => new MixTerm(expert.Hash, weight)))),
        ];
    }

    /// <summary>Name of the folder.</summary>
    public string Name { get; }

    /// <summary>The base model.</summary>
    public ModelWeights Weights { get; }

    /// <summary>The experts that <see cref="Mixes"/> name.</summary>
    public IReadOnlyList<Expert> Experts { get; }

    /// <summary>One prompt per user.</summary>
    public IReadOnlyList<int[]> Prompts { get; }

    /// <summary>A long prompt, to measure prompt processing.</summary>
    public int[] LongPrompt { get; }

    /// <summary>One mix per user.</summary>
    public IReadOnlyList<Mix> Mixes { get; }

    /// <summary>Tokens to decode for each prompt; end tokens do not end it.</summary>
    public int NewTokens { get; }

    /// <summary>Reads a workload.</summary>
    /// <exception cref="ModelFormatException">A part is missing or damaged.</exception>
    public static DecodeWorkload Load(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var fixture = ReadFixture(Path.Combine(folder, "fixture.json"));
        var weights = ModelWeights.Load(Path.Combine(folder, "hf"));
        try
        {
            var experts = Enumerable.Range(0, fixture.Experts)
                .Select(i => Path.Combine(folder, "lora", $"{i}"))
                .Select(path => AdapterFolder.Load(path, weights.Config, weights.BaseHash).Expert);
            var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
            return new DecodeWorkload(name, weights, [.. experts], fixture);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Weights.Dispose();

    private static Fixture ReadFixture(string path)
    {
        if (!File.Exists(path))
            throw new ModelFormatException(path, "is missing; give a folder with hf/, lora/ and fixture.json.");
        try
        {
            using var stream = File.OpenRead(path);
            var fixture = JsonSerializer.Deserialize<Fixture>(stream, options)!;
            if (fixture.Lambda.Any(row => row.Length != fixture.Experts))
                throw new ModelFormatException(path, $"needs {fixture.Experts} weights a user, one for each expert.");
            return fixture;
        }
        catch (JsonException error)
        {
            throw new ModelFormatException(path, $"is not a decoding workload: {error.Message}");
        }
    }

    private static readonly JsonSerializerOptions options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
    };

    private sealed record Fixture
    {
        public required int[][] Prompts { get; init; }

        public required int[] Prefill { get; init; }

        public required float[][] Lambda { get; init; }

        public required int NewTokens { get; init; }

        public required int Experts { get; init; }
    }
}
