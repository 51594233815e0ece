using SoupsActors.Models.Experts;

namespace SoupsActors.Models.Inference;

/// <summary>
/// A language model that advances many sequences at once by one step: some decode one token, others process a chunk of
/// their prompt. The engine drives it; tests drive it with a fake.
/// </summary>
/// <remarks>Not safe for concurrent use: one engine loop owns it.</remarks>
public interface IStepModel : IDisposable
{
    /// <summary>Number of logits per position.</summary>
    int VocabularySize { get; }

    /// <summary>Largest number of tokens of one sequence, prompt and answer together.</summary>
    int ContextLength { get; }

    /// <summary>Tokens per block of the key/value cache.</summary>
    int BlockTokens { get; }

    /// <summary>Blocks in the key/value cache.</summary>
    int BlockCount { get; }

    /// <summary>Most tokens in one step, over all sequences.</summary>
    int MaxTokensPerStep => int.MaxValue;

    /// <summary>Most sequences in one step.</summary>
    int MaxSequences => int.MaxValue;

    /// <summary>
    /// Makes <paramref name="experts"/> the ones that mixes of later steps may name. Takes effect before the next
    /// <see cref="Forward"/>; experts already resident are kept, others are packed or freed.
    /// </summary>
    /// <exception cref="ExpertMismatchException">An expert does not fit the base model.</exception>
    void SetExperts(IReadOnlyList<Expert> experts);

    /// <summary>
    /// Runs one step: writes keys and values of all tokens into their cache slots and the logits of the rows listed in
    /// <see cref="StepBatch.LogitRows"/> into <see cref="StepBatch.Logits"/>.
    /// </summary>
    void Forward(StepBatch batch);
}

/// <summary>The tokens of one step. Its arrays are reused from step to step, so that a steady state makes no garbage.</summary>
public sealed class StepBatch
{
    /// <summary>Creates buffers for the largest step.</summary>
    /// <param name="maxTokens">Most tokens in one step, over all sequences.</param>
    /// <param name="maxSequences">Most sequences in one step.</param>
    /// <param name="maxBlocksPerSequence">Entries of one sequence's block table.</param>
    /// <param name="vocabularySize">Logits per listed row.</param>
    public StepBatch(int maxTokens, int maxSequences, int maxBlocksPerSequence, int vocabularySize)
    {
        Tokens = new int[maxTokens];
        Positions = new int[maxTokens];
        Sequences = new int[maxTokens];
        BlockTables = new int[maxSequences * maxBlocksPerSequence];
        TableStride = maxBlocksPerSequence;
        Mixes = new Mix[maxSequences];
        LogitRows = new int[maxSequences];
        Logits = new float[(long)maxSequences * vocabularySize];
    }

    /// <summary>Tokens in this step.</summary>
    public int TokenCount { get; set; }

    /// <summary>Token ids; the first <see cref="TokenCount"/> count.</summary>
    public int[] Tokens { get; }

    /// <summary>Position of each token in its sequence; tokens of one sequence follow each other in order.</summary>
    public int[] Positions { get; }

    /// <summary>Index of each token's sequence within this step.</summary>
    public int[] Sequences { get; }

    /// <summary>Sequences in this step.</summary>
    public int SequenceCount { get; set; }

    /// <summary>Block tables, one row of <see cref="TableStride"/> block numbers a sequence.</summary>
    public int[] BlockTables { get; }

    /// <summary>Entries from one sequence's block table to the next.</summary>
    public int TableStride { get; }

    /// <summary>The mix of each sequence; its experts have been given to <see cref="IStepModel.SetExperts"/>.</summary>
    public Mix[] Mixes { get; }

    /// <summary>Number of rows whose logits are wanted.</summary>
    public int LogitRowCount { get; set; }

    /// <summary>Indices into <see cref="Tokens"/> of the rows whose logits are wanted.</summary>
    public int[] LogitRows { get; }

    /// <summary>Row-major logits, <see cref="LogitRowCount"/> × vocabulary size, filled by the model.</summary>
    public float[] Logits { get; }
}
