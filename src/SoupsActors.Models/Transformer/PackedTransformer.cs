using SoupsActors.Models.Files;
using SoupsActors.Tensors;

namespace SoupsActors.Models.Transformer;

/// <summary>
/// The weights of a model laid out for inference: matrices that read the same input are one, and all of them are packed
/// for the device.
/// </summary>
internal sealed class PackedTransformer : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly Backend backend;
    private readonly ElementType type;

    /// <summary>Copies the weights to the device.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="weights">Source; not needed afterwards.</param>
    /// <param name="type">How matrices are stored. Gains, biases and the embedding table stay fp32.</param>
    /// <param name="contextLength">Positions of the rotary table.</param>
    public PackedTransformer(Backend backend, ModelWeights weights, ElementType type, int contextLength)
    {
        this.backend = backend;
        this.type = type;
        Config = weights.Config;
        try
        {
            Embedding = Matrix(weights, ModelTensors.Embedding, Config.VocabularySize);
            Head = Config.TieWordEmbeddings
                ? Own(backend.Pack(Embedding, type))
                : Pack(weights, [ModelTensors.Output], [Config.VocabularySize], Config.HiddenSize);
            FinalGain = Matrix(weights, ModelTensors.FinalNorm, 1);
            var rotations = RotaryTable.Build(Config, contextLength);
            Rotations = Upload(rotations, contextLength);
            Layers = [.. Enumerable.Range(0, Config.LayerCount).Select(layer => Layer(weights, layer))];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public TransformerConfig Config { get; }

    /// <summary>Vocabulary × hidden size.</summary>
    public Block Embedding { get; }

    public PackedMatrix Head { get; }

    public Block FinalGain { get; }

    /// <summary>Positions × head size, see <see cref="RotaryTable"/>.</summary>
    public Block Rotations { get; }

    public IReadOnlyList<PackedLayer> Layers { get; }

    public void Dispose()
    {
        foreach (var resource in owned)
            resource.Dispose();
        owned.Clear();
    }

    private PackedLayer Layer(ModelWeights weights, int layer) => new(
        Matrix(weights, ModelTensors.InputNorm(layer), 1),
        Matrix(weights, ModelTensors.PostAttentionNorm(layer), 1),
        Config.QueryKeyNorm ? Matrix(weights, ModelTensors.QueryNorm(layer), 1) : null,
        Config.QueryKeyNorm ? Matrix(weights, ModelTensors.KeyNorm(layer), 1) : null,
        [.. Enum.GetValues<LinearGroup>().Select(group => Group(weights, layer, group))]);

    private PackedLinear Group(ModelWeights weights, int layer, LinearGroup group)
    {
        var modules = group.Modules().ToArray();
        var matrix = Pack(
            weights,
            [.. modules.Select(module => ModelTensors.Weight(layer, module))],
            [.. modules.Select(module => Config.Shape(module).Outputs)],
            group.Inputs(Config));
        if (!modules.Any(Config.HasBias))
            return new PackedLinear(matrix, null);

        var bias = modules.SelectMany(module => Config.HasBias(module)
            ? weights.Read(ModelTensors.Bias(layer, module))
            : new float[Config.Shape(module).Outputs]);
        return new PackedLinear(matrix, Upload([.. bias], 1));
    }

    /// <summary>One matrix over another, packed.</summary>
    private PackedMatrix Pack(ModelWeights weights, string[] names, int[] outputs, int inputs)
    {
        using var staging = backend.Allocate((long)outputs.Sum() * inputs);
        long offset = 0;
        for (var i = 0; i < names.Length; i++)
        {
            backend.Upload(weights.Read(names[i]), staging, offset);
            offset += (long)outputs[i] * inputs;
        }

        return Own(backend.Pack(new Block(staging, 0, outputs.Sum(), inputs), type));
    }

    private Block Matrix(ModelWeights weights, string name, int rows) => Upload(weights.Read(name), rows);

    private Block Upload(float[] numbers, int rows)
    {
        var storage = Own(backend.Allocate(numbers.LongLength));
        backend.Upload(numbers, storage);
        return new Block(storage, 0, rows, (int)(numbers.LongLength / rows));
    }

    private T Own<T>(T resource)
        where T : IDisposable
    {
        owned.Add(resource);
        return resource;
    }
}

/// <summary>One block of the transformer.</summary>
/// <param name="InputGain">Gain of the norm before attention.</param>
/// <param name="PostGain">Gain of the norm before the feed-forward part.</param>
/// <param name="QueryGain">Gain of the norm over each query head, where the model has one.</param>
/// <param name="KeyGain">Gain of the norm over each key head, where the model has one.</param>
/// <param name="Linears">Linear layers by <see cref="LinearGroup"/>.</param>
internal sealed record PackedLayer(
    Block InputGain, Block PostGain, Block? QueryGain, Block? KeyGain, PackedLinear[] Linears);

/// <summary>The linear layers of a group as one matrix.</summary>
/// <param name="Weight">Outputs × inputs.</param>
/// <param name="Bias">1 × outputs, where any of them has a bias.</param>
internal sealed record PackedLinear(PackedMatrix Weight, Block? Bias);
