using SoupsActors.Learning.Data;
using SoupsActors.Learning.Policy;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Direct;

/// <summary>
/// Pairs packed for one forward pass: chosen and rejected answer of the first pair, of the second, and so on.
/// </summary>
internal sealed class PairedResponses
{
    private readonly IReadOnlyList<TokenPair> pairs;
    private readonly ResponseBatch batch;

    public PairedResponses(IReadOnlyList<TokenPair> pairs)
    {
        if (pairs.Any(p => p.Prompt.Length == 0 || p.Chosen.Length == 0 || p.Rejected.Length == 0))
            throw new ArgumentException("A pair needs at least one token of prompt and of each answer.", nameof(pairs));
        this.pairs = pairs;
        batch = ResponseBatch.Pack([.. pairs.SelectMany(
            p => new[] { (p.Prompt, p.Chosen), (p.Prompt, p.Rejected) })]);
    }

    /// <summary>Tokens of all answers, m.</summary>
    public int Rows => batch.Rows.Length;

    /// <summary>log π of every answer token, m × 1, of the base with an adapter or, where null, alone.</summary>
    public Tensor LogProbabilities(Tape tape, TrainableTransformer model, LoraAdapter? adapter) =>
        batch.LogProbabilities(batch.Logits(tape, model, adapter));

    /// <summary>
    /// For each pair what its chosen answer's tokens add up to, less its rejected answer's: m × 1 to n × 1.
    /// </summary>
    /// <param name="tokens">A number for every answer token.</param>
    /// <param name="average">Takes means over the answers' tokens instead of sums.</param>
    public Tensor Difference(Tensor tokens, bool average)
    {
        var weights = new float[pairs.Count * Rows];
        var row = 0;
        for (var pair = 0; pair < pairs.Count; pair++)
        {
            Fill(pair, pairs[pair].Chosen.Length, 1);
            Fill(pair, pairs[pair].Rejected.Length, -1);
        }

        return tokens.Tape.Constant(weights, pairs.Count, Rows).MatMul(tokens);

        void Fill(int pair, int length, float sign)
        {
            weights.AsSpan(pair * Rows + row, length).Fill(average ? sign / length : sign);
            row += length;
        }
    }

    /// <summary>
    /// Cuts numbers of all answer tokens into those of each pair: its chosen answer's, then its rejected one's.
    /// </summary>
    public IEnumerable<float[]> Split(float[] tokens)
    {
        var start = 0;
        foreach (var pair in pairs)
        {
            var length = pair.Chosen.Length + pair.Rejected.Length;
            yield return tokens[start..(start + length)];
            start += length;
        }
    }
}
