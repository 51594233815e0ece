using SoupsActors.Models.Experts;
using SoupsActors.Models.Transformer;
using SoupsActors.Tensors;

namespace SoupsActors.Models.Inference;

/// <summary>The mixes of one step as numbers: the weight λ of every resident expert for every sequence.</summary>
internal sealed class StepMixes(int maxTokens, int maxSequences)
{
    private readonly int[] rowMixes = new int[maxTokens];
    private readonly int[] logitRowMixes = new int[maxSequences];
    private readonly bool[] factors = new bool[maxSequences];
    private readonly Mix?[] known = new Mix?[maxSequences];
    private float[] weights = [];
    private ExpertStack? stack;

    /// <summary>Whether any row has a mix.</summary>
    public bool Any { get; private set; }

    /// <summary>λ per sequence and expert.</summary>
    public MixWeights Weights => new(weights, factors, stack!.Count);

    /// <summary>The mix of each token, −1 where it is empty.</summary>
    public ReadOnlySpan<int> RowMixes => rowMixes;

    /// <summary>The mix of each row whose logits are wanted, −1 where it is empty.</summary>
    public ReadOnlySpan<int> LogitRowMixes => logitRowMixes;

    /// <summary>Reads the mixes of a step. Weights of a sequence whose mix has not changed are kept.</summary>
    /// <exception cref="ExpertMismatchException">
    /// A mix names an expert that is not resident, or cannot be merged as it says.
    /// </exception>
    public void Read(StepBatch batch, ExpertStack experts)
    {
        if (!ReferenceEquals(stack, experts))
        {
            stack = experts;
            weights = new float[known.Length * experts.Count];
            Array.Clear(known);
        }

        Any = false;
        for (var s = 0; s < batch.SequenceCount; s++)
        {
            var mix = batch.Mixes[s];
            Any |= !mix.Terms.IsEmpty;
            if (ReferenceEquals(known[s], mix))
                continue;
            known[s] = null;
            ReadWeights(mix, weights.AsSpan(s * experts.Count, experts.Count));
            factors[s] = mix.Mode == MergeMode.Factor;
            known[s] = mix;
        }

        if (!Any)
            return;
        for (var i = 0; i < batch.TokenCount; i++)
            rowMixes[i] = batch.Mixes[batch.Sequences[i]].Terms.IsEmpty ? -1 : batch.Sequences[i];
        for (var i = 0; i < batch.LogitRowCount; i++)
            logitRowMixes[i] = rowMixes[batch.LogitRows[i]];
    }

    private void ReadWeights(Mix mix, Span<float> row)
    {
        row.Clear();
        var allResident = true;
        foreach (var term in mix.Terms)
        {
            var index = stack!.IndexOf(term.ExpertHash);
            allResident &= index >= 0;
            if (index >= 0)
                row[index] = term.Weight;
        }

        // The rules make garbage, so they are asked only where they can refuse.
        if (!allResident || mix.Mode == MergeMode.Factor)
            MixRules.Check(mix, stack!.Experts);
    }
}
