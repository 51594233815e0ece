using SoupsActors.Models.Inference;

namespace SoupsActors.Serving.Scheduling;

/// <summary>
/// Fills a step: first one token for every row that is generating, then chunks of prompts from what is left, so that a
/// long prompt never stalls an answer. Rows in the background come last, and beside others only for their share.
/// </summary>
internal sealed class BatchPlanner(EngineOptions options, StepBatch batch)
{
    private readonly SequenceState[] rows = new SequenceState[options.MaxSequences];
    private readonly int[] chunks = new int[options.MaxSequences];
    private int next;

    /// <summary>Tokens that rows in the background may compute beside others.</summary>
    private double credit;

    /// <summary>The sequences of the step, in the batch's order.</summary>
    public ReadOnlySpan<SequenceState> Rows => rows.AsSpan(0, batch.SequenceCount);

    /// <summary>Tokens of each of <see cref="Rows"/> in the step.</summary>
    public ReadOnlySpan<int> Chunks => chunks.AsSpan(0, batch.SequenceCount);

    /// <summary>Tokens of the step that belong to prompts.</summary>
    public int PromptTokens { get; private set; }

    public void Plan(List<SequenceState> running)
    {
        Clear();
        Fill(running, background: false);
        var others = batch.TokenCount;
        if (others == 0)
        {
            credit = 0;
            Fill(running, background: true);
            return;
        }

        // Rows in the background join a step once others have computed enough to pay for all of them: a step of its own
        // now and then costs users less than every step being a little longer.
        credit = Math.Min(
            credit + others * options.BackgroundShare / (1 - options.BackgroundShare), options.MaxTokensPerStep);
        var wanted = 0;
        foreach (var row in running)
            wanted += row is { IsBackground: true, IsOver: false, ParkedSince: null } ? 1 : 0;
        if (wanted == 0 || batch.SequenceCount == options.MaxSequences || credit < Math.Min(wanted, options.MaxSequences))
            return;
        Fill(running, background: true, tokens: (int)credit);
        credit -= batch.TokenCount - others;
    }

    private void Fill(List<SequenceState> running, bool background, int tokens = int.MaxValue)
    {
        var most = (int)Math.Min((long)batch.TokenCount + tokens, options.MaxTokensPerStep);

        // More rows than places happens when parked ones come back; they then take turns.
        var start = running.Count > options.MaxSequences ? next % running.Count : 0;
        for (var i = 0; i < running.Count && batch.SequenceCount < options.MaxSequences && batch.TokenCount < most; i++)
        {
            next = (start + i) % running.Count;
            var row = running[next];
            if (row.IsBackground == background && !row.InPrefill && row.ParkedSince is null && !row.IsOver)
                Add(row, 1);
        }

        next++;
        foreach (var row in running)
        {
            var budget = most - batch.TokenCount;
            if (budget <= 0 || batch.SequenceCount == options.MaxSequences)
                break;
            if (row.IsBackground == background && row.InPrefill && !row.IsOver)
                Add(row, Math.Min(budget, Math.Min(options.PrefillChunk, row.KnownLength - row.Computed)));
        }
    }

    /// <summary>A step with the chunk of one row alone.</summary>
    public void PlanAlone(SequenceState row, int chunk)
    {
        Clear();
        Add(row, chunk);
    }

    private void Clear()
    {
        batch.TokenCount = 0;
        batch.SequenceCount = 0;
        batch.LogitRowCount = 0;
        PromptTokens = 0;
    }

    private void Add(SequenceState row, int chunk)
    {
        var sequence = batch.SequenceCount++;
        rows[sequence] = row;
        chunks[sequence] = chunk;
        PromptTokens += row.InPrefill ? chunk : 0;
        batch.Mixes[sequence] = row.SharedMix!.Mix;
        row.Blocks.CopyTo(batch.BlockTables.AsSpan(sequence * batch.TableStride));
        for (var i = 0; i < chunk; i++)
        {
            var at = batch.TokenCount++;
            batch.Tokens[at] = row.Tokens[row.Computed + i];
            batch.Positions[at] = row.Computed + i;
            batch.Sequences[at] = sequence;
        }

        // Logits are wanted once everything known has been fed.
        if (row.Computed + chunk == row.Length)
            batch.LogitRows[batch.LogitRowCount++] = batch.TokenCount - 1;
    }
}
