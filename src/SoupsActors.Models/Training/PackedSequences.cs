namespace SoupsActors.Models.Training;

/// <summary>Token sequences laid one after the other without padding, as a training step reads them.</summary>
/// <param name="Tokens">Token ids of all sequences, m in all.</param>
/// <param name="Positions">Position of each token in its sequence.</param>
/// <param name="Starts">First row of each sequence, and m at the end.</param>
public sealed record PackedSequences(int[] Tokens, int[] Positions, int[] Starts)
{
    /// <summary>Number of tokens, m.</summary>
    public int TokenCount => Tokens.Length;

    /// <summary>Number of sequences.</summary>
    public int SequenceCount => Starts.Length - 1;

    /// <summary>Packs sequences in the given order; empty ones are kept.</summary>
    public static PackedSequences Pack(IReadOnlyList<IReadOnlyList<int>> sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        var total = sequences.Sum(s => s.Count);
        var tokens = new int[total];
        var positions = new int[total];
        var starts = new int[sequences.Count + 1];
        var row = 0;
        for (var s = 0; s < sequences.Count; s++)
        {
            for (var t = 0; t < sequences[s].Count; t++, row++)
            {
                tokens[row] = sequences[s][t];
                positions[row] = t;
            }

            starts[s + 1] = row;
        }

        return new PackedSequences(tokens, positions, starts);
    }
}
