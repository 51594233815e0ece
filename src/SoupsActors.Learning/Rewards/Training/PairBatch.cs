using SoupsActors.Learning.Data;
using SoupsActors.Models.Training;

namespace SoupsActors.Learning.Rewards;

/// <summary>The pairs of one forward pass: sequences 0 to n − 1 hold the chosen answers, n to 2n − 1 the rejected.</summary>
/// <param name="Pairs">The pairs.</param>
/// <param name="Sequences">Prompts with answers, packed.</param>
internal sealed record PairBatch(IReadOnlyList<TokenPair> Pairs, PackedSequences Sequences)
{
    public int Count => Pairs.Count;

    public static PairBatch Pack(IReadOnlyList<TokenPair> pairs) => new(pairs, PackedSequences.Pack(
        [.. pairs.Select(p => Join(p.Prompt, p.Chosen)), .. pairs.Select(p => Join(p.Prompt, p.Rejected))]));

    /// <summary>Prompt and answer as one sequence.</summary>
    public static int[] Join(int[] prompt, int[] answer) => [.. prompt, .. answer];
}
