using SoupsActors.Models.Training;

namespace SoupsActors.Learning.Supervised;

/// <summary>A sequence to learn from: a loss is taken on the tokens whose mask is set, each predicted from those before it.</summary>
/// <param name="Tokens">Token ids.</param>
/// <param name="Learned">For each token whether it is a target; that of the first token does not count.</param>
public sealed record TrainingExample(int[] Tokens, bool[] Learned)
{
    /// <summary>A prompt that is read and an answer that is learned.</summary>
    public static TrainingExample Create(IReadOnlyList<int> prompt, IReadOnlyList<int> answer)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(answer);
        var learned = new bool[prompt.Count + answer.Count];
        learned.AsSpan(prompt.Count).Fill(true);
        return new TrainingExample([.. prompt, .. answer], learned);
    }
}

/// <summary>The examples of one step, packed.</summary>
/// <param name="Sequences">Inputs.</param>
/// <param name="Targets">The next token for each row that is learned, −1 for the others.</param>
/// <param name="TargetCount">Rows that are learned.</param>
public sealed record TrainingBatch(PackedSequences Sequences, int[] Targets, int TargetCount)
{
    /// <summary>Packs examples; the last token of each is a target only.</summary>
    public static TrainingBatch Pack(IReadOnlyList<TrainingExample> examples)
    {
        ArgumentNullException.ThrowIfNull(examples);
        var sequences = PackedSequences.Pack([.. examples.Select(e => e.Tokens.AsSpan(0, Math.Max(0, e.Tokens.Length - 1)).ToArray())]);
        var targets = new int[sequences.TokenCount];
        var count = 0;
        for (var e = 0; e < examples.Count; e++)
        {
            var start = sequences.Starts[e];
            for (var t = 0; t + 1 < examples[e].Tokens.Length; t++)
            {
                var learned = examples[e].Learned[t + 1];
                targets[start + t] = learned ? examples[e].Tokens[t + 1] : -1;
                count += learned ? 1 : 0;
            }
        }

        return new TrainingBatch(sequences, targets, count);
    }
}
