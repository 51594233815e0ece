using System.Numerics.Tensors;
using SoupsActors.Models.Experts;

namespace SoupsActors.Models.Inference;

/// <summary>
/// Decodes a fixed set of prompts greedily, all in step: the plainest driver of an <see cref="IStepModel"/>, for
/// comparisons and measurements. Serving has a scheduler of its own.
/// </summary>
public sealed class GreedyDecoder
{
    private readonly IStepModel model;
    private readonly StepBatch batch;
    private readonly int blocksPerSequence;
    private readonly int chunk;

    /// <summary>Creates a decoder for up to <paramref name="maxSequences"/> prompts at once.</summary>
    /// <param name="model">Drives this model; nobody else may in the meantime.</param>
    /// <param name="maxSequences">Rows of one batch, within the model's options.</param>
    /// <param name="maxLength">Tokens of one sequence, prompt and answer together.</param>
    /// <param name="chunk">Prompt tokens processed per step, within the model's options.</param>
    public GreedyDecoder(IStepModel model, int maxSequences, int maxLength, int chunk)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxSequences);
        ArgumentOutOfRangeException.ThrowIfLessThan(chunk, maxSequences);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxLength, model.ContextLength);
        this.model = model;
        this.chunk = chunk;
        blocksPerSequence = (maxLength + model.BlockTokens - 1) / model.BlockTokens;
        if ((long)maxSequences * blocksPerSequence > model.BlockCount)
        {
            throw new ArgumentException(
                $"{maxSequences} sequences of {maxLength} tokens need {maxSequences * blocksPerSequence} cache blocks; "
                + $"the model has {model.BlockCount}.",
                nameof(maxSequences));
        }

        batch = new StepBatch(chunk, maxSequences, blocksPerSequence, model.VocabularySize);
        for (var i = 0; i < batch.BlockTables.Length; i++)
            batch.BlockTables[i] = i;
    }

    /// <summary>Time spent on prompts in the last <see cref="Decode"/>.</summary>
    public TimeSpan PromptTime { get; private set; }

    /// <summary>Time spent on new tokens in the last <see cref="Decode"/>, the first of each answer excluded.</summary>
    public TimeSpan DecodeTime { get; private set; }

    /// <summary>The most likely next tokens, one after the other; end tokens are tokens like others.</summary>
    /// <param name="prompts">Token ids, at least one each.</param>
    /// <param name="mixes">One mix per prompt; their experts are resident.</param>
    /// <param name="newTokens">Tokens per answer, at least 1.</param>
    /// <returns>The answers' tokens, prompts × <paramref name="newTokens"/>.</returns>
    public int[][] Decode(IReadOnlyList<int[]> prompts, IReadOnlyList<Mix> mixes, int newTokens)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(mixes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(newTokens);
        ArgumentOutOfRangeException.ThrowIfNotEqual(mixes.Count, prompts.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prompts.Count, batch.Mixes.Length);
        var answers = prompts.Select(_ => new int[newTokens]).ToArray();
        for (var s = 0; s < prompts.Count; s++)
            batch.Mixes[s] = mixes[s];
        batch.SequenceCount = prompts.Count;

        var start = TimeProvider.System.GetTimestamp();
        for (var s = 0; s < prompts.Count; s++)
            answers[s][0] = ReadPrompt(s, prompts[s]);
        PromptTime = TimeProvider.System.GetElapsedTime(start);

        start = TimeProvider.System.GetTimestamp();
        for (var t = 1; t < newTokens; t++)
            Step(prompts, answers, t);
        DecodeTime = TimeProvider.System.GetElapsedTime(start);
        return answers;
    }

    private int ReadPrompt(int sequence, int[] prompt)
    {
        for (var done = 0; done < prompt.Length;)
        {
            batch.TokenCount = Math.Min(chunk, prompt.Length - done);
            for (var i = 0; i < batch.TokenCount; i++)
                Place(i, sequence, done + i, prompt[done + i]);
            done += batch.TokenCount;
            batch.LogitRowCount = done == prompt.Length ? 1 : 0;
            batch.LogitRows[0] = batch.TokenCount - 1;
            model.Forward(batch);
        }

        return MostLikely(0);
    }

    private void Step(IReadOnlyList<int[]> prompts, int[][] answers, int t)
    {
        for (var s = 0; s < prompts.Count; s++)
        {
            Place(s, s, prompts[s].Length + t - 1, answers[s][t - 1]);
            batch.LogitRows[s] = s;
        }

        batch.TokenCount = prompts.Count;
        batch.LogitRowCount = prompts.Count;
        model.Forward(batch);
        for (var s = 0; s < prompts.Count; s++)
            answers[s][t] = MostLikely(s);
    }

    private void Place(int row, int sequence, int position, int token)
    {
        batch.Tokens[row] = token;
        batch.Positions[row] = position;
        batch.Sequences[row] = sequence;
    }

    private int MostLikely(int row) => TensorPrimitives.IndexOfMax<float>(
        batch.Logits.AsSpan(row * model.VocabularySize, model.VocabularySize));
}
