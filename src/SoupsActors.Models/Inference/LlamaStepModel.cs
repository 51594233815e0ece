using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Transformer;
using SoupsActors.Tensors;

namespace SoupsActors.Models.Inference;

/// <summary>
/// A Llama-family transformer (Touvron et al. 2023, section 2.2) with a paged key/value cache and a stack of LoRA
/// experts that each row weighs on its own.
/// </summary>
/// <remarks>
/// A row's logits are the same bits whatever else is in its step, however its prompt was cut into chunks and whichever
/// other experts are resident.
/// </remarks>
public sealed class LlamaStepModel : IStepModel
{
    private readonly Backend backend;
    private readonly StepModelOptions options;
    private readonly TransformerConfig config;
    private readonly PackedTransformer model;
    private readonly StepWorkspace workspace;
    private readonly KvCache cache;
    private readonly StepMixes mixes;
    private readonly AttentionShape heads;
    private readonly string baseHash;
    private readonly int[] slots;
    private readonly int[] lengths;
    private readonly int[] logitSequences;
    private readonly int[] logitLengths;
    private ExpertStack experts;

    /// <summary>Copies the weights to the device and allocates all memory that steps need.</summary>
    /// <param name="backend">The device; it stays the caller's.</param>
    /// <param name="weights">The base model; not needed afterwards.</param>
    /// <param name="options">Sizes.</param>
    public LlamaStepModel(Backend backend, ModelWeights weights, StepModelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(weights);
        this.options = options ??= new StepModelOptions();
        options.Validate();
        this.backend = backend;
        config = weights.Config;
        baseHash = weights.BaseHash;
        ContextLength = Math.Min(
            Math.Min(config.ContextLength, options.ContextLength ?? int.MaxValue),
            (int)Math.Min(int.MaxValue, (long)options.BlockCount * options.BlockTokens));
        heads = new AttentionShape(
            config.HeadCount, config.KeyValueHeadCount, config.HeadSize, 1f / MathF.Sqrt(config.HeadSize));
        slots = new int[options.MaxTokensPerStep];
        lengths = new int[options.MaxTokensPerStep];
        logitSequences = new int[options.MaxSequences];
        logitLengths = new int[options.MaxSequences];
        mixes = new StepMixes(options.MaxTokensPerStep, options.MaxSequences);
        experts = ExpertStack.Empty(config);
        model = new PackedTransformer(backend, weights, options.WeightType, ContextLength);
        workspace = new StepWorkspace(backend, config, options);
        cache = backend.AllocateKvCache(new KvCacheShape(
            config.LayerCount, options.BlockCount, options.BlockTokens, config.KeyValueHeadCount, config.HeadSize));
    }

    /// <inheritdoc/>
    public int VocabularySize => config.VocabularySize;

    /// <inheritdoc/>
    public int ContextLength { get; }

    /// <inheritdoc/>
    public int BlockTokens => options.BlockTokens;

    /// <inheritdoc/>
    public int BlockCount => options.BlockCount;

    /// <inheritdoc/>
    public int MaxTokensPerStep => options.MaxTokensPerStep;

    /// <inheritdoc/>
    public int MaxSequences => options.MaxSequences;

    /// <inheritdoc/>
    public void SetExperts(IReadOnlyList<Expert> experts)
    {
        ArgumentNullException.ThrowIfNull(experts);
        var replacement = this.experts.Replace(backend, config, baseHash, options.WeightType, experts);
        this.experts = replacement;
        workspace.EnsureLowRank(replacement.MaxColumns);
    }

    /// <inheritdoc/>
    public void Forward(StepBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        CheckSizes(batch);
        if (batch.TokenCount == 0)
            return;
        mixes.Read(batch, experts);
        LocateTokens(batch);

        var tokens = batch.TokenCount;
        var x = workspace.Residual.SliceRows(0, tokens);
        backend.GatherRows(model.Embedding, batch.Tokens.AsSpan(0, tokens), x);
        var last = config.LayerCount - 1;
        for (var layer = 0; layer < last; layer++)
        {
            AttentionInputs(batch, layer, x);
            Attend(layer, Queries(tokens), batch.Sequences, lengths, batch, x, mixes.RowMixes);
            FeedForward(layer, x, mixes.RowMixes);
        }

        // After the last keys and values are written, only the rows whose logits are wanted matter.
        AttentionInputs(batch, last, x);
        if (batch.LogitRowCount == 0)
            return;
        var rows = batch.LogitRows.AsSpan(0, batch.LogitRowCount);
        var wanted = workspace.LogitResidual.SliceRows(0, rows.Length);
        var wantedQueries = workspace.LogitQueries.SliceRows(0, rows.Length);
        backend.GatherRows(x, rows, wanted);
        backend.GatherRows(Queries(tokens), rows, wantedQueries);
        Attend(last, wantedQueries, logitSequences, logitLengths, batch, wanted, mixes.LogitRowMixes);
        FeedForward(last, wanted, mixes.LogitRowMixes);

        var normed = Norm(wanted, model.FinalGain);
        var logits = workspace.Logits.SliceRows(0, rows.Length);
        backend.MatMulPacked(normed, model.Head, logits);
        backend.Download(logits.Storage, logits.Offset, batch.Logits.AsSpan(0, rows.Length * config.VocabularySize));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        experts.Dispose();
        cache.Dispose();
        workspace.Dispose();
        model.Dispose();
    }

    private void CheckSizes(StepBatch batch)
    {
        if (batch.TokenCount > options.MaxTokensPerStep)
        {
            throw new ArgumentException(
                $"A step of {batch.TokenCount} tokens is larger than the {options.MaxTokensPerStep} allocated for.",
                nameof(batch));
        }

        if (batch.SequenceCount > options.MaxSequences || batch.LogitRowCount > options.MaxSequences)
        {
            throw new ArgumentException(
                $"{batch.SequenceCount} sequences or {batch.LogitRowCount} rows of logits are more than the "
                + $"{options.MaxSequences} allocated for.",
                nameof(batch));
        }
    }

    /// <summary>Cache slots and visible lengths of all tokens.</summary>
    private void LocateTokens(StepBatch batch)
    {
        for (var i = 0; i < batch.TokenCount; i++)
        {
            var position = batch.Positions[i];
            var block = batch.BlockTables[batch.Sequences[i] * batch.TableStride + position / BlockTokens];
            slots[i] = block * BlockTokens + position % BlockTokens;
            lengths[i] = position + 1;
        }

        for (var i = 0; i < batch.LogitRowCount; i++)
        {
            logitSequences[i] = batch.Sequences[batch.LogitRows[i]];
            logitLengths[i] = lengths[batch.LogitRows[i]];
        }
    }

    /// <summary>Queries, keys and values of a layer; keys and values go to the cache.</summary>
    private void AttentionInputs(StepBatch batch, int layer, Block x)
    {
        var tokens = x.Rows;
        var weights = model.Layers[layer];
        var qkv = workspace.QueryKeyValue.SliceRows(0, tokens);
        Linear(layer, LinearGroup.QueryKeyValue, Norm(x, weights.InputGain), qkv, mixes.RowMixes, accumulate: false);

        var queries = config.HeadCount * config.HeadSize;
        var keys = config.KeyValueHeadCount * config.HeadSize;
        if (weights is { QueryGain: { } queryGain, KeyGain: { } keyGain })
        {
            NormHeads(qkv.SliceColumns(0, queries), queryGain);
            NormHeads(qkv.SliceColumns(queries, keys), keyGain);
        }

        // The heads of q and k lie side by side and turn by the same angles.
        backend.Rotate(
            qkv.SliceColumns(0, queries + keys),
            config.HeadCount + config.KeyValueHeadCount,
            batch.Positions.AsSpan(0, tokens),
            model.Rotations);
        backend.WriteKv(
            cache,
            layer,
            qkv.SliceColumns(queries, keys),
            qkv.SliceColumns(queries + keys, keys),
            slots.AsSpan(0, tokens));
    }

    private Block Queries(int tokens) => workspace.QueryKeyValue.SliceRows(0, tokens)
        .SliceColumns(0, config.HeadCount * config.HeadSize);

    /// <summary>x += o(attention of q over the cache).</summary>
    private void Attend(
        int layer, Block q, ReadOnlySpan<int> sequences, ReadOnlySpan<int> visible, StepBatch batch, Block x,
        ReadOnlySpan<int> rowMixes)
    {
        var attended = workspace.Attended.SliceRows(0, q.Rows);
        backend.PagedAttention(
            q,
            cache,
            layer,
            heads,
            sequences[..q.Rows],
            visible[..q.Rows],
            batch.BlockTables,
            batch.TableStride,
            attended);
        Linear(layer, LinearGroup.AttentionOutput, attended, x, rowMixes, accumulate: true);
    }

    /// <summary>x += down(silu(gate(n)) · up(n)) with n the norm of x.</summary>
    private void FeedForward(int layer, Block x, ReadOnlySpan<int> rowMixes)
    {
        var both = workspace.GateUp.SliceRows(0, x.Rows);
        var activated = workspace.Activated.SliceRows(0, x.Rows);
        var normed = Norm(x, model.Layers[layer].PostGain);
        Linear(layer, LinearGroup.GateUp, normed, both, rowMixes, accumulate: false);
        backend.SiluGate(
            both.SliceColumns(0, config.IntermediateSize),
            both.SliceColumns(config.IntermediateSize, config.IntermediateSize),
            activated);
        Linear(layer, LinearGroup.Down, activated, x, rowMixes, accumulate: true);
    }

    /// <summary>y = x·Wᵀ + b + the deltas that each row's mix asks for, or y += the same.</summary>
    private void Linear(int layer, LinearGroup group, Block x, Block y, ReadOnlySpan<int> rowMixes, bool accumulate)
    {
        var linear = model.Layers[layer].Linears[(int)group];
        backend.MatMulPacked(x, linear.Weight, y, accumulate);
        if (linear.Bias is { } bias)
            backend.Binary(BinaryOp.Add, y, bias, y);
        if (!mixes.Any || experts.Group(layer, group, out var columns) is not { } stacked)
            return;

        var h = workspace.LowRank(x.Rows, stacked.Columns);
        backend.MatMulPacked(x, stacked.Down, h);
        backend.MixRows(h, rowMixes[..x.Rows], mixes.Weights, columns);
        foreach (var site in stacked.Sites)
        {
            backend.MatMulPacked(
                h.SliceColumns(site.Column, site.Ranks),
                site.Up,
                y.SliceColumns(site.Output, site.Outputs),
                accumulate: true);
        }
    }

    private Block Norm(Block x, Block gain)
    {
        var normed = workspace.Normed.SliceRows(0, x.Rows);
        backend.RmsNorm(x, gain, (float)config.RmsNormEpsilon, normed, workspace.InverseRms.SliceRows(0, x.Rows));
        return normed;
    }

    /// <summary>Normalises each head on its own (Qwen3).</summary>
    private void NormHeads(Block x, Block gain)
    {
        var count = x.Columns / config.HeadSize;
        var gathered = new Block(workspace.HeadsIn.Storage, 0, x.Rows, x.Columns);
        var perHead = new Block(workspace.HeadsIn.Storage, 0, x.Rows * count, config.HeadSize);
        var normed = new Block(workspace.HeadsOut.Storage, 0, x.Rows * count, config.HeadSize);
        backend.Copy(x, gathered);
        backend.RmsNorm(
            perHead, gain, (float)config.RmsNormEpsilon, normed, workspace.InverseRms.SliceRows(0, perHead.Rows));
        backend.Copy(new Block(workspace.HeadsOut.Storage, 0, x.Rows, x.Columns), x);
    }
}
