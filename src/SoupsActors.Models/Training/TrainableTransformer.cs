using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Transformer;
using SoupsActors.Tensors;

namespace SoupsActors.Models.Training;

/// <summary>
/// A Llama-family transformer on the tape: the base is trained or frozen, and an adapter may change it. The inference
/// path (<see cref="Inference.IStepModel"/>) computes the same function on packed weights.
/// </summary>
public sealed class TrainableTransformer : ITrainableModel, IDisposable
{
    private readonly Dictionary<string, Parameter> parameters = [];
    private readonly Storage rotations;
    private readonly Block rotationTable;
    private readonly AttentionShape attention;

    private TrainableTransformer(Backend backend, TransformerConfig config, bool trained, Func<string, int, int, float[]> initial)
    {
        Backend = backend;
        Config = config;
        foreach (var (name, shape) in ModelTensors.Expected(config))
        {
            var rows = shape.Length == 1 ? 1 : (int)shape[0];
            var columns = (int)shape[^1];
            var parameter = new Parameter(backend, name, rows, columns, trained);
            parameter.Load(initial(name, rows, columns));
            parameters[name] = parameter;
        }

        var table = RotaryTable.Build(config);
        rotations = backend.Allocate(table.Length);
        backend.Upload(table, rotations);
        rotationTable = new Block(rotations, 0, table.Length / config.HeadSize, config.HeadSize);
        attention = new AttentionShape(
            config.HeadCount, config.KeyValueHeadCount, config.HeadSize, 1f / MathF.Sqrt(config.HeadSize));
    }

    /// <inheritdoc/>
    public Backend Backend { get; }

    /// <summary>Shape of the model.</summary>
    public TransformerConfig Config { get; }

    /// <summary>The adapter in use; null is the base itself, such as the reference policy of reinforcement learning.</summary>
    public LoraAdapter? Adapter { get; set; }

    /// <summary>All parameters of the base by Hugging Face's names.</summary>
    public IReadOnlyDictionary<string, Parameter> Parameters => parameters;

    /// <inheritdoc/>
    public IReadOnlyList<Parameter> TrainedParameters =>
        [.. parameters.Values.Where(p => p.IsTrained), .. Adapter?.Parameters ?? []];

    /// <summary>A frozen base to train adapters on.</summary>
    public static TrainableTransformer Frozen(Backend backend, ModelWeights weights) => Load(backend, weights, trained: false);

    /// <summary>A base whose every parameter is trained on from the given weights.</summary>
    public static TrainableTransformer Trained(Backend backend, ModelWeights weights) => Load(backend, weights, trained: true);

    /// <summary>
    /// A base to train from scratch: normal weights of standard deviation 0.02, those that write to the residual stream
    /// divided by √(2 · layers) (Radford et al. 2019, section 2.3); gains 1, biases 0.
    /// </summary>
    public static TrainableTransformer Random(Backend backend, TransformerConfig config, long seed)
    {
        ArgumentNullException.ThrowIfNull(config);
        var random = new SeededNormal(seed);
        return new TrainableTransformer(backend, config, trained: true, (name, rows, columns) =>
        {
            if (name.EndsWith(".bias", StringComparison.Ordinal))
                return new float[rows * columns];
            if (rows == 1)
                return [.. Enumerable.Repeat(1f, columns)];
            var writesToResidual = name.EndsWith(".o_proj.weight", StringComparison.Ordinal)
                || name.EndsWith(".down_proj.weight", StringComparison.Ordinal);
            return random.Normal(rows * columns, 0.02 / (writesToResidual ? Math.Sqrt(2.0 * config.LayerCount) : 1));
        });
    }

    /// <inheritdoc/>
    public Tensor Logits(Tape tape, PackedSequences sequences) => Head(Hidden(tape, sequences));

    /// <summary>Logits of hidden states, such as some rows of <see cref="Hidden"/>.</summary>
    public Tensor Head(Tensor hidden)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        return hidden.Linear(hidden.Tape.Use(parameters[
            Config.TieWordEmbeddings ? ModelTensors.Embedding : ModelTensors.Output]));
    }

    /// <summary>The last hidden states after the final norm, tokens × hidden size.</summary>
    public Tensor Hidden(Tape tape, PackedSequences sequences)
    {
        ArgumentNullException.ThrowIfNull(tape);
        ArgumentNullException.ThrowIfNull(sequences);
        var x = tape.Use(parameters[ModelTensors.Embedding]).GatherRows(sequences.Tokens);
        for (var layer = 0; layer < Config.LayerCount; layer++)
        {
            x += SelfAttention(tape, Norm(x, ModelTensors.InputNorm(layer)), layer, sequences);
            x += FeedForward(Norm(x, ModelTensors.PostAttentionNorm(layer)), layer);
        }

        return Norm(x, ModelTensors.FinalNorm);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var parameter in parameters.Values)
            parameter.Dispose();
        rotations.Dispose();
    }

    private static TrainableTransformer Load(Backend backend, ModelWeights weights, bool trained)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return new TrainableTransformer(backend, weights.Config, trained, (name, _, _) => weights.Read(name));
    }

    private Tensor SelfAttention(Tape tape, Tensor x, int layer, PackedSequences sequences)
    {
        var q = Rotate(HeadNorm(Linear(x, layer, TargetModule.QProj), ModelTensors.QueryNorm(layer)), Config.HeadCount);
        var k = Rotate(HeadNorm(Linear(x, layer, TargetModule.KProj), ModelTensors.KeyNorm(layer)), Config.KeyValueHeadCount);
        var v = Linear(x, layer, TargetModule.VProj);
        return Linear(q.Attention(k, v, attention, sequences.Starts), layer, TargetModule.OProj);

        Tensor Rotate(Tensor heads, int count) => heads.RotateInPlace(count, sequences.Positions, rotationTable);
    }

    private Tensor FeedForward(Tensor x, int layer) => Linear(
        Linear(x, layer, TargetModule.GateProj).SiluGate(Linear(x, layer, TargetModule.UpProj)),
        layer,
        TargetModule.DownProj);

    private Tensor Linear(Tensor x, int layer, TargetModule module)
    {
        var y = x.Linear(x.Tape.Use(parameters[ModelTensors.Weight(layer, module)]));
        if (parameters.TryGetValue(ModelTensors.Bias(layer, module), out var bias))
            y += x.Tape.Use(bias);
        return Adapter?.Apply(x, y, layer, module) ?? y;
    }

    private Tensor Norm(Tensor x, string gain) => x.RmsNorm(x.Tape.Use(parameters[gain]), (float)Config.RmsNormEpsilon);

    /// <summary>Qwen3 normalises each head of queries and keys on its own.</summary>
    private Tensor HeadNorm(Tensor x, string gain)
    {
        if (!Config.QueryKeyNorm)
            return x;
        var rows = x.Rows;
        var heads = x.Columns / Config.HeadSize;
        return Norm(x.Reshape(rows * heads, Config.HeadSize), gain)
            .Reshape(rows, x.Columns);
    }
}
