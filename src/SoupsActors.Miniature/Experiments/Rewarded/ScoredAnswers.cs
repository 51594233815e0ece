using SoupsActors.Learning.Fronts;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;

namespace SoupsActors.Miniature.Experiments.Rewarded;

/// <summary>
/// Asks models a list of questions. All models answer the same questions with the same draws, so that what differs is
/// the weights; answers to one question are averaged, so that the question is the unit of every standard error.
/// </summary>
internal sealed class ScoredAnswers(ExperimentContext context, IReadOnlyList<RolloutPrompt> questions, int maxTokens)
{
    /// <summary>Answers to every question, those to one question side by side.</summary>
    /// <param name="policy">Who answers.</param>
    /// <param name="each">Answers to each question.</param>
    /// <param name="draws">Names the draws; the same for models that are compared.</param>
    /// <param name="cancellationToken">Stops the sampling.</param>
    public Task<IReadOnlyList<Rollout>> SampleAsync(
        RolloutPolicy policy, int each, int draws, CancellationToken cancellationToken) =>
        context.Model.Rollouts.SampleAsync(
            [.. questions.SelectMany(q => Enumerable.Repeat(q, each))],
            policy,
            new RolloutOptions { MaxTokens = maxTokens, Seed = RolloutSeeds.Of((ulong)context.Seed, draws) },
            cancellationToken);

    /// <summary>Mean score of each question's answers, by every reward.</summary>
    public async Task<PromptScores> ScoreAsync(
        RolloutPolicy policy,
        IEnumerable<IRewardSource> rewards,
        int each,
        int draws,
        CancellationToken cancellationToken)
    {
        var answers = await SampleAsync(policy, each, draws, cancellationToken);
        var scores = new List<double[]>();
        foreach (var reward in rewards)
        {
            var signals = await reward.ScoreAsync(answers, cancellationToken);
            scores.Add([.. signals.Chunk(each).Select(ofOne => ofOne.Average(s => s.Score))]);
        }

        return new PromptScores(scores);
    }
}

/// <summary>A scored model as stages store it.</summary>
/// <param name="Weights">λ, or μ for a model trained on a mixture.</param>
/// <param name="Scores">By reward the scores of all questions.</param>
internal sealed record StoredPoint(double[] Weights, double[][] Scores)
{
    public SweepPoint ToPoint() => new(Weights, new PromptScores(Scores));

    public static StoredPoint Of(SweepPoint point) => new(
        [.. point.Weights],
        [.. Enumerable.Range(0, point.Scores.Rewards).Select(j => point.Scores[j].ToArray())]);
}
