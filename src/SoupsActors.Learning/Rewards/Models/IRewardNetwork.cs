using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Rewards;

/// <summary>
/// A reward as training sees it: features of a sequence's last token and a linear head without bias on them. MORE weighs
/// data sets by the gradients of the head alone, which is why the two are apart.
/// </summary>
public interface IRewardNetwork
{
    /// <summary>The device.</summary>
    Backend Backend { get; }

    /// <summary>What is trained, the head included, with stable names and order.</summary>
    IReadOnlyList<Parameter> TrainedParameters { get; }

    /// <summary>The head, 1 × d.</summary>
    Parameter Head { get; }

    /// <summary>Features of each sequence's last token, sequences × d. No sequence may be empty.</summary>
    Tensor Features(Tape tape, PackedSequences sequences);
}

/// <summary>Scores of a network.</summary>
public static class RewardNetworkScores
{
    private const int TokensPerBatch = 4096;

    /// <summary>Raw scores, sequences × 1.</summary>
    public static Tensor Scores(this IRewardNetwork network, Tape tape, PackedSequences sequences)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(tape);
        return network.Features(tape, sequences).Linear(tape.Use(network.Head));
    }

    /// <summary>
    /// Raw scores of sequences, in packed batches. A sequence's score does not depend on what it is packed with.
    /// </summary>
    /// <param name="network">The reward.</param>
    /// <param name="sequences">Token ids of prompts and answers, none empty.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public static float[] Score(
        this IRewardNetwork network, IReadOnlyList<int[]> sequences, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(sequences);
        using var tape = new Tape(network.Backend, recording: false);
        var scores = new float[sequences.Count];
        for (var start = 0; start < sequences.Count;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var end = start + 1;
            for (var tokens = sequences[start].Length; end < sequences.Count; end++)
            {
                tokens += sequences[end].Length;
                if (tokens > TokensPerBatch)
                    break;
            }

            var batch = PackedSequences.Pack([.. sequences.Skip(start).Take(end - start)]);
            network.Scores(tape, batch).ToArray().CopyTo(scores, start);
            tape.Reset();
            start = end;
        }

        return scores;
    }

    /// <summary>Row of each sequence's last token in a pack.</summary>
    /// <exception cref="ArgumentException">A sequence is empty.</exception>
    internal static int[] LastRows(PackedSequences sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        var last = new int[sequences.SequenceCount];
        for (var s = 0; s < last.Length; s++)
        {
            if (sequences.Starts[s] == sequences.Starts[s + 1])
                throw new ArgumentException($"Sequence {s} is empty; there is no last token to score.", nameof(sequences));
            last[s] = sequences.Starts[s + 1] - 1;
        }

        return last;
    }
}
