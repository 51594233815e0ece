using System.Text;
using SoupsActors.Generation;

namespace SoupsActors.Grains.Generation;

/// <summary>Puts the pieces of an answer together.</summary>
public static class AnswerCollection
{
    /// <summary>Reads all pieces.</summary>
    /// <exception cref="InvalidOperationException">The pieces stopped before the answer's end.</exception>
    public static async Task<Answer> CollectAsync(
        this IAsyncEnumerable<AnswerPiece> pieces, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        var text = new StringBuilder();
        List<TokenScores>? scores = null;
        AnswerPiece? last = null;
        await foreach (var piece in pieces.WithCancellation(cancellationToken))
        {
            text.Append(piece.Text);
            if (piece.Scores is not null)
                (scores ??= []).AddRange(piece.Scores);
            last = piece;
        }

        return last is { End: { } end }
            ? new Answer(text.ToString(), end, last.Usage ?? default, last.Seed, scores?.ToArray())
            {
                Interaction = last.Interaction,
            }
            : throw new InvalidOperationException("The answer broke off without an end.");
    }
}
