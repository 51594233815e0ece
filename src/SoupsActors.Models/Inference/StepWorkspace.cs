using SoupsActors.Models.Files;
using SoupsActors.Models.Transformer;
using SoupsActors.Tensors;

namespace SoupsActors.Models.Inference;

/// <summary>The intermediate results of a step, allocated once for the largest one.</summary>
internal sealed class StepWorkspace : IDisposable
{
    private readonly List<Storage> storages = [];
    private readonly Backend backend;
    private readonly int maxTokens;
    private Storage? lowRank;

    public StepWorkspace(Backend backend, TransformerConfig config, StepModelOptions options)
    {
        this.backend = backend;
        maxTokens = options.MaxTokensPerStep;
        var queries = config.HeadCount * config.HeadSize;
        var rows = maxTokens;
        Residual = Allocate(rows, config.HiddenSize);
        Normed = Allocate(rows, config.HiddenSize);
        InverseRms = Allocate(rows * (config.QueryKeyNorm ? config.HeadCount : 1), 1);
        QueryKeyValue = Allocate(rows, LinearGroup.QueryKeyValue.Outputs(config));
        Attended = Allocate(rows, queries);
        GateUp = Allocate(rows, 2 * config.IntermediateSize);
        Activated = Allocate(rows, config.IntermediateSize);
        LogitResidual = Allocate(options.MaxSequences, config.HiddenSize);
        LogitQueries = Allocate(options.MaxSequences, queries);
        Logits = Allocate(options.MaxSequences, config.VocabularySize);
        if (config.QueryKeyNorm)
        {
            HeadsIn = Allocate(rows, queries);
            HeadsOut = Allocate(rows, queries);
        }
    }

    public Block Residual { get; }

    public Block Normed { get; }

    public Block InverseRms { get; }

    public Block QueryKeyValue { get; }

    public Block Attended { get; }

    public Block GateUp { get; }

    public Block Activated { get; }

    public Block LogitResidual { get; }

    public Block LogitQueries { get; }

    public Block Logits { get; }

    /// <summary>Heads without gaps, for models that normalise them.</summary>
    public Block HeadsIn { get; }

    public Block HeadsOut { get; }

    /// <summary>Makes room for low-rank products of so many columns.</summary>
    public void EnsureLowRank(int columns)
    {
        var length = (long)maxTokens * columns;
        if (lowRank?.Length >= length || length == 0)
            return;
        lowRank?.Dispose();
        lowRank = null;
        lowRank = backend.Allocate(length);
    }

    /// <summary>The low-rank products H of a group.</summary>
    public Block LowRank(int rows, int columns) => new(lowRank!, 0, rows, columns);

    public void Dispose()
    {
        lowRank?.Dispose();
        foreach (var storage in storages)
            storage.Dispose();
    }

    private Block Allocate(int rows, int columns)
    {
        var storage = backend.Allocate((long)rows * columns);
        storages.Add(storage);
        return new Block(storage, 0, rows, columns);
    }
}
