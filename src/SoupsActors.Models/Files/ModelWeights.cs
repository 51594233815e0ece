using System.Numerics.Tensors;

namespace SoupsActors.Models.Files;

/// <summary>
/// A base model: its configuration and its tensors by Hugging Face's names, complete, of the right shapes and finite.
/// Weights from files stay mapped and are converted when read, so a large model is not held twice. Reads may run in
/// parallel.
/// </summary>
public sealed class ModelWeights : IDisposable
{
    private const int Chunk = 1 << 16;

    private readonly ITensorSource source;
    private readonly IReadOnlyDictionary<string, long[]> expected;
    private readonly string embeddingName;

    private ModelWeights(
        TransformerConfig config,
        GenerationConfig generation,
        ITensorSource source,
        CancellationToken cancellationToken)
    {
        Config = config;
        Generation = generation;
        this.source = source;
        expected = ModelTensors.Expected(config);
        embeddingName = config.TieWordEmbeddings && !source.TryGetTensor(ModelTensors.Embedding, out _)
            ? ModelTensors.Output
            : ModelTensors.Embedding;
        CheckNamesAndShapes();
        BaseHash = CheckValuesAndHash(cancellationToken);
    }

    /// <summary>Shape of the model.</summary>
    public TransformerConfig Config { get; }

    /// <summary>The makers' suggestions for generation.</summary>
    public GenerationConfig Generation { get; }

    /// <summary>
    /// Lower-case hexadecimal SHA-256 over what the model computes: configuration, names, shapes and 32-bit values. How
    /// the values are stored or split over files does not enter, nor do generation settings.
    /// </summary>
    public string BaseHash { get; }

    /// <summary>Names and shapes of all tensors, sorted. A tied model lists the embedding only.</summary>
    public IReadOnlyDictionary<string, long[]> Tensors => expected;

    /// <summary>
    /// Opens a Hugging Face folder and reads it once through, to check every value and take the hash.
    /// </summary>
    /// <exception cref="ModelFormatException">
    /// Something is missing, damaged, not supported, or not a finite number.
    /// </exception>
    public static ModelWeights Load(string folder, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var config = TransformerConfig.Load(folder);
        var generation = GenerationConfig.Load(folder);
        var opened = SafetensorsFolder.Open(folder);
        try
        {
            return new ModelWeights(config, generation, opened, cancellationToken);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>A model whose tensors are in memory; the arrays are kept, not copied.</summary>
    /// <exception cref="ArgumentException">The configuration is impossible, or a tensor does not fit it.</exception>
    /// <exception cref="ModelFormatException">A tensor is missing, or a value is not a finite number.</exception>
    public static ModelWeights Create(
        TransformerConfig config,
        IReadOnlyDictionary<string, float[]> tensors,
        GenerationConfig? generation = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(tensors);
        if (config.FindProblem() is { } problem)
            throw new ArgumentException(problem, nameof(config));
        var memory = new MemoryTensors(tensors, ModelTensors.Expected(config));
        return new ModelWeights(config, generation ?? new GenerationConfig(), memory, CancellationToken.None);
    }

    /// <summary>Reads a tensor, row-major. Both names of a tied embedding are known.</summary>
    /// <exception cref="KeyNotFoundException">The model has no such tensor.</exception>
    public float[] Read(string name)
    {
        var tensor = Find(name);
        if (tensor.ElementCount > Array.MaxLength)
        {
            throw new ModelFormatException(
                source.Path, $"tensor '{name}' has {tensor.ElementCount} elements, too many for one array.");
        }

        var values = new float[tensor.ElementCount];
        source.ReadFloat32(tensor, 0, values);
        return values;
    }

    /// <summary>Reads part of a tensor, row-major.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="start">First element.</param>
    /// <param name="destination">Filled to the end.</param>
    public void Read(string name, long start, Span<float> destination) =>
        source.ReadFloat32(
        Find(name), start, destination);

    /// <summary>
    /// Writes the model as a Hugging Face folder: configuration, generation settings and one safetensors file.
    /// </summary>
    /// <param name="folder">Made where missing; files of the same names are replaced.</param>
    /// <param name="type">F32 keeps every bit; F16 and BF16 round, so that what is read back has another hash.</param>
    public void Save(string folder, SafetensorsType type = SafetensorsType.F32)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        SafetensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"),
            expected.Select(t => new TensorToWrite(t.Key, t.Value, () => Read(t.Key), type)),
            new Dictionary<string, string> { ["format"] = "pt" });
        TransformerConfigWriter.Save(folder, Config, Generation, type);
        Generation.Save(folder);
    }

    /// <inheritdoc/>
    public void Dispose() => source.Dispose();

    /// <summary>A model of the same shape with other values, checked and hashed as any other.</summary>
    internal ModelWeights With(ITensorSource other, CancellationToken cancellationToken) =>
        new(Config, Generation, other, cancellationToken);

    private SafetensorsTensor Find(string name)
    {
        var stored = name == ModelTensors.Embedding || (name == ModelTensors.Output && Config.TieWordEmbeddings)
            ? embeddingName
            : name;
        return source.TryGetTensor(stored, out var tensor)
            ? tensor
            : throw new KeyNotFoundException($"The model has no tensor '{name}'.");
    }

    private void CheckNamesAndShapes()
    {
        foreach (var (name, shape) in expected)
        {
            var stored = name == ModelTensors.Embedding ? embeddingName : name;
            if (!source.TryGetTensor(stored, out var tensor))
                throw new ModelFormatException(source.Path, Missing(name));
            if (!tensor.Shape.SequenceEqual(shape))
            {
                throw new ModelFormatException(
                    source.Path,
                    $"tensor '{stored}' has shape {tensor.ShapeText}, but config.json asks for "
                    + $"[{string.Join(", ", shape)}].");
            }
        }

        foreach (var tensor in source.Tensors)
        {
            if (!expected.ContainsKey(tensor.Name) && !IsTiedTwin(tensor.Name) && !IsRotaryBuffer(tensor.Name))
            {
                throw new ModelFormatException(
                    source.Path,
                    $"has tensor '{tensor.Name}', which a {Config.Family} model of this configuration does not have.");
            }
        }
    }

    private static string Missing(string name) => name == ModelTensors.Output
        ? $"lacks tensor '{name}'; if the model ties it to the embedding, config.json must say tie_word_embeddings."
        : $"lacks tensor '{name}', which config.json asks for.";

    private bool IsTiedTwin(string name) => Config.TieWordEmbeddings && name == ModelTensors.Output;

    // Old checkpoints store the frequencies that the configuration gives.
    private static bool IsRotaryBuffer(string name) => name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal);

    private string CheckValuesAndHash(CancellationToken cancellationToken)
    {
        using var hash = new ContentHash("soups-base-1");
        AddConfig(hash);
        var buffer = new float[Chunk];
        foreach (var (name, shape) in expected)
        {
            hash.Add(name);
            hash.Add(shape);
            var tensor = Find(name);
            for (long start = 0; start < tensor.ElementCount; start += Chunk)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var part = buffer.AsSpan(0, (int)Math.Min(Chunk, tensor.ElementCount - start));
                source.ReadFloat32(tensor, start, part);
                if (!TensorPrimitives.IsFiniteAll<float>(part))
                {
                    throw new ModelFormatException(
                        source.Path, $"tensor '{tensor.Name}' has values that are NaN or infinite.");
                }

                hash.AddValues(part);
            }
        }

        if (embeddingName == ModelTensors.Embedding && IsTiedTwin(ModelTensors.Output))
            CheckTiedTwin(buffer);
        return hash.Finish();
    }

    private void CheckTiedTwin(float[] buffer)
    {
        if (!source.TryGetTensor(ModelTensors.Output, out var output))
            return;
        var embedding = Find(ModelTensors.Embedding);
        var same = output.Shape.SequenceEqual(embedding.Shape);
        var other = new float[buffer.Length];
        for (long start = 0; same && start < embedding.ElementCount; start += Chunk)
        {
            var count = (int)Math.Min(Chunk, embedding.ElementCount - start);
            source.ReadFloat32(embedding, start, buffer.AsSpan(0, count));
            source.ReadFloat32(output, start, other.AsSpan(0, count));
            same = buffer.AsSpan(0, count).SequenceEqual(other.AsSpan(0, count));
        }

        if (!same)
        {
            throw new ModelFormatException(
                source.Path,
                $"has a '{ModelTensors.Output}' that differs from the embedding, but config.json ties them.");
        }
    }

    private void AddConfig(ContentHash hash)
    {
        hash.Add(Config.Family.ToString());
        foreach (var size in new[] { Config.HeadCount, Config.KeyValueHeadCount, Config.HeadSize, Config.MaxPositions })
            hash.Add((long)size);
        hash.Add(Config.RmsNormEpsilon);
        hash.Add(Config.Rotary.Theta);
        hash.Add(Config.Rotary.Scaling.ToString());
        hash.Add(Config.Rotary.Factor);
        hash.Add(Config.Rotary.LowFrequencyFactor);
        hash.Add(Config.Rotary.HighFrequencyFactor);
        hash.Add((long)(Config.Rotary.OriginalMaxPositions ?? Config.MaxPositions));
        hash.Add((long)(Config.SlidingWindow ?? 0));
        hash.Add(Config.TieWordEmbeddings ? 1L : 0L);
    }
}
