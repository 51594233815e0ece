using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;

namespace SoupsActors.Learning.Judging;

/// <summary>
/// Judges by reward: the answer that scores higher by at least a margin wins. Each answer is scored once, however many
/// others it is compared with.
/// </summary>
/// <param name="rewards">For each criterion's id the reward that measures it.</param>
/// <param name="format">Lays prompts and answers out as the rewards were trained on them.</param>
/// <param name="tieMargin">The least difference of scores that counts as one, 0 or more.</param>
/// <param name="id">Names the judge in reports.</param>
public sealed class RewardModelJudge(
    IReadOnlyDictionary<string, IRewardSource> rewards,
    ConversationFormat format,
    double tieMargin = 0,
    string id = "reward model") : IJudge, IDisposable
{
    /// <summary>Scores kept; beyond this the judge starts anew, so that it cannot grow without end.</summary>
    private const int MostKept = 100_000;

    private readonly double tieMargin = double.IsFinite(tieMargin) && tieMargin >= 0
        ? tieMargin
        : throw new ArgumentOutOfRangeException(nameof(tieMargin), tieMargin, "The tie margin is zero or positive.");

    private readonly Dictionary<(string Criterion, string Prompt, string Answer), double> scores = [];
    private readonly SemaphoreSlim oneAtATime = new(1);

    /// <inheritdoc/>
    public string Id { get; } = id;

    /// <inheritdoc/>
    public async Task<Judgement> CompareAsync(
        Criterion criterion,
        string prompt,
        string answerA,
        string answerB,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(criterion);
        if (!rewards.TryGetValue(criterion.Id, out var reward))
        {
            throw new ArgumentException(
                $"There is no reward for the criterion '{criterion.Id}'. There is one for "
                + $"{string.Join(", ", rewards.Keys)}.",
                nameof(criterion));
        }

        if (answerA == answerB)
            return Judgement.Tie;
        // A model computes with one thread's memory, so answers are scored one pair after the other.
        await oneAtATime.WaitAsync(cancellationToken);
        try
        {
            await ScoreAsync(reward, criterion.Id, prompt, [answerA, answerB], cancellationToken);
            var difference = scores[(criterion.Id, prompt, answerA)] - scores[(criterion.Id, prompt, answerB)];
            return Math.Abs(difference) < tieMargin ? Judgement.Tie : (Judgement)Math.Sign(difference);
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => oneAtATime.Dispose();

    private async Task ScoreAsync(
        IRewardSource reward, string criterion, string prompt, string[] answers, CancellationToken cancellationToken)
    {
        if (scores.Count > MostKept)
            scores.Clear();
        string[] missing = [.. answers.Where(a => !scores.ContainsKey((criterion, prompt, a)))];
        if (missing.Length == 0)
            return;
        var question = new RolloutPrompt(prompt, format.Prompt(prompt)) { Preferences = [criterion] };
        var signals = await reward.ScoreAsync(
            [.. missing.Select(a => new Rollout(question, format.Answer(a), Ended: true, a))], cancellationToken);
        for (var i = 0; i < missing.Length; i++)
        {
            if (double.IsNaN(signals[i].Score))
                throw new InvalidOperationException($"The reward {reward.Id} is no number, so it cannot judge.");
            scores[(criterion, prompt, missing[i])] = signals[i].Score;
        }
    }
}
