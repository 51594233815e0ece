using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Policy;

/// <summary>
/// Prompts with their responses, packed, and the rows that predict response tokens. Head and losses see these rows
/// only.
/// </summary>
/// <param name="Sequences">Each prompt and response without its last token, which nothing follows.</param>
/// <param name="Rows">For every response token the row that predicts it.</param>
/// <param name="Targets">The response tokens.</param>
internal sealed record ResponseBatch(PackedSequences Sequences, int[] Rows, int[] Targets)
{
    /// <summary>Packs prompts (at least one token each) with their responses (at least one token each).</summary>
    public static ResponseBatch Pack(IReadOnlyList<(int[] Prompt, int[] Response)> pairs)
    {
        var sequences = PackedSequences.Pack([.. pairs.Select(p => (int[])[.. p.Prompt, .. p.Response.AsSpan(..^1)])]);
        var rows = new List<int>();
        var targets = new List<int>();
        for (var s = 0; s < pairs.Count; s++)
        {
            var first = sequences.Starts[s] + pairs[s].Prompt.Length - 1;
            rows.AddRange(Enumerable.Range(first, pairs[s].Response.Length));
            targets.AddRange(pairs[s].Response);
        }

        return new ResponseBatch(sequences, [.. rows], [.. targets]);
    }

    /// <summary>
    /// Hidden states at the rows, rows × hidden size, of the base with an adapter or, where null, alone.
    /// </summary>
    public Tensor Hidden(Tape tape, TrainableTransformer model, LoraAdapter? adapter)
    {
        model.Adapter = adapter;
        return model.Hidden(tape, Sequences).GatherRows(Rows);
    }

    /// <summary>Logits at the rows, rows × vocabulary.</summary>
    public Tensor Logits(Tape tape, TrainableTransformer model, LoraAdapter? adapter) =>
        model.Head(Hidden(tape, model, adapter));

    /// <summary>log π of every response token, rows × 1.</summary>
    public Tensor LogProbabilities(Tensor logits) => -logits.CrossEntropy(Targets);
}
