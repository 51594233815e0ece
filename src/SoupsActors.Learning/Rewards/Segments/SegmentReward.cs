using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rollouts;

namespace SoupsActors.Learning.Rewards;

/// <summary>
/// Rewards each part of an answer at its last token (Wu et al. 2023, arXiv 2306.01693, equation 1), so that a policy is
/// told where an answer is good. The whole answer gets nothing more; combine it with a reward that says how good it is.
/// </summary>
/// <param name="model">What <see cref="SegmentRewardTraining"/> trained; stays the caller's.</param>
/// <param name="ends">
/// Indices of the response tokens that parts end with, ascending; see <see cref="Sentences"/>.
/// </param>
public sealed class SegmentReward(RewardModel model, Func<Rollout, IReadOnlyList<int>> ends) : IRewardSource
{
    /// <inheritdoc/>
    public string Id { get; } = $"segments:{model.Card.Preference ?? "reward"}:{model.ContentHash()[..16]}";

    /// <summary>
    /// Sentences as parts: a part ends with the last of the tokens that end in '.', '!', '?' or a line break, and with
    /// the answer's last token before its end token.
    /// </summary>
    public static Func<Rollout, IReadOnlyList<int>> Sentences(ConversationFormat format)
    {
        ArgumentNullException.ThrowIfNull(format);
        return rollout =>
        {
            var response = rollout.Response;
            var length = response[^1] == format.EndToken ? response.Length - 1 : response.Length;
            var found = new List<int>();
            for (var t = 0; t < length; t++)
            {
                if (t == length - 1 || (EndsSentence(response[t]) && !EndsSentence(response[t + 1])))
                    found.Add(t);
            }

            return found;
        };

        bool EndsSentence(int token)
        {
            var text = format.Tokenizer.Decode([token]);
            return text.Contains('\n', StringComparison.Ordinal) || text.TrimEnd() is [.., '.' or '!' or '?'];
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RewardSignal>> ScoreAsync(
        IReadOnlyList<Rollout> rollouts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rollouts);
        (int Row, int Token)[] parts =
            [.. rollouts.SelectMany((rollout, row) => ends(rollout).Select(token => (row, token)))];
        var scores = model.Score([.. parts.Select(p => UpTo(rollouts[p.Row], p.Token))], cancellationToken);
        RewardSignal[] signals =
            [.. rollouts.Select(r => new RewardSignal(0) { PerToken = new float[r.Response.Length] })];
        foreach (var ((row, token), score) in parts.Zip(scores))
            signals[row].PerToken![token] = score;
        return Task.FromResult<IReadOnlyList<RewardSignal>>(signals);
    }

    private int[] UpTo(Rollout rollout, int token)
    {
        int[] tokens = [.. rollout.Prompt.Tokens, .. rollout.Response.AsSpan(0, token + 1)];
        return tokens.Length <= model.MaxTokens ? tokens : tokens[^model.MaxTokens..];
    }
}
