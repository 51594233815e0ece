using SoupsActors.Learning.Data;
using SoupsActors.Learning.Fronts;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Miniature.Corpus;

namespace SoupsActors.Miniature.Experiments.Rewarded;

/// <summary>
/// Asks models the held-out questions. All models answer the same questions with the same draws, so that what differs is
/// the weights; answers to one question are averaged, so that the question is the unit of every standard error.
/// </summary>
internal sealed class HeldOutAnswers(ExperimentContext context, RewardedSettings settings)
{
    private readonly RolloutPrompt[] questions =
    [
        .. CorpusGenerator.Default.EvaluationQuestions()
            .Take(settings.Questions)
            .Select(q => Prompt(context.Model.Format, q.Topic, q.Form)),
    ];

    /// <summary>A question as a prompt.</summary>
    public static RolloutPrompt Prompt(ConversationFormat format, Topic topic, QuestionForm form)
    {
        var text = CorpusGenerator.Question(topic, form);
        return new RolloutPrompt(text, format.Prompt(text)) { Topic = topic.Id };
    }

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
            new RolloutOptions
            {
                MaxTokens = settings.MaxTokens,
                Seed = RolloutSeeds.Of((ulong)context.Seed, draws),
            },
            cancellationToken);

    /// <summary>Mean score of each question's answers, by every reward.</summary>
    public async Task<PromptScores> ScoreAsync(
        RolloutPolicy policy,
        IReadOnlyList<StandardReward> rewards,
        int each,
        int draws,
        CancellationToken cancellationToken)
    {
        var answers = await SampleAsync(policy, each, draws, cancellationToken);
        return new PromptScores(
            [.. rewards.Select(r => answers.Chunk(each).Select(ofOne => ofOne.Average(r.Of)).ToArray())]);
    }
}

/// <summary>A scored model as stages store it.</summary>
/// <param name="Weights">λ, or μ for a model trained on a mixture.</param>
/// <param name="Scores">By reward the scores of all questions, in standard deviations of the base's answers.</param>
internal sealed record StoredPoint(double[] Weights, double[][] Scores)
{
    public PromptScores ToScores() => new(Scores);

    public SweepPoint ToPoint() => new(Weights, ToScores());

    public static StoredPoint Of(IReadOnlyList<double> weights, PromptScores scores) =>
        new([.. weights], [.. Enumerable.Range(0, scores.Rewards).Select(j => scores[j].ToArray())]);
}
