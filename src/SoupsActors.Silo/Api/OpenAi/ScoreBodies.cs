using SoupsActors.Generation;

namespace SoupsActors.Silo.Api.OpenAi;

/// <summary>Log-probabilities in OpenAI's two shapes.</summary>
internal static class ScoreBodies
{
    public static ChatLogprobs? ToChat(this TokenScores[]? scores) => scores is null
        ? null
        : new ChatLogprobs(
        [
            .. scores.Select(s => new ChatTokenLogprob(
                s.Token.Text,
                s.Token.LogProbability,
                Bytes(s.Token),
                [.. s.Top.Select(t => new ChatTopLogprob(t.Text, t.LogProbability, Bytes(t)))])),
        ]);

    /// <param name="scores">The tokens.</param>
    /// <param name="offset">Characters before the first of them.</param>
    public static TextLogprobs? ToText(this TokenScores[]? scores, int offset)
    {
        if (scores is null)
            return null;
        var offsets = new int[scores.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            offsets[i] = offset;
            offset += scores[i].Token.Text.Length;
        }

        return new TextLogprobs(
            [.. scores.Select(s => s.Token.Text)],
            [.. scores.Select(s => s.Token.LogProbability)],
            [.. scores.Select(TopByText)],
            offsets);
    }

    // Two tokens may have one text (parts of a longer character); the likelier one stands.
    private static Dictionary<string, float> TopByText(TokenScores scores)
    {
        var top = new Dictionary<string, float>(StringComparer.Ordinal);
        foreach (var score in scores.Top)
            top.TryAdd(score.Text, score.LogProbability);
        return top;
    }

    private static int[] Bytes(TokenScore score) => Array.ConvertAll(score.Bytes, b => (int)b);
}
