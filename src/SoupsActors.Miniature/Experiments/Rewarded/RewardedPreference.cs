using SoupsActors.Learning.Fronts;
using SoupsActors.Learning.Rewards;
using SoupsActors.Miniature.Experiments.Trainings;
using SoupsActors.Miniature.Judges;
using SoupsActors.Models.Experts;

namespace SoupsActors.Miniature.Experiments.Rewarded;

/// <summary>A preference with all that the package holds of it.</summary>
/// <param name="Id">Such as <c>P2A</c>.</param>
/// <param name="Expert">The expert that was trained for it.</param>
/// <param name="Model">
/// The reward model it was trained against; scores have mean 0 and deviation 1 on the answers that it learnt from.
/// </param>
/// <param name="Judge">
/// The programmatic criterion that the reward model learnt from: 1 where an answer meets it, else 0.
/// </param>
internal sealed record RewardedPreference(string Id, Expert Expert, RewardModel Model, IRewardSource Judge)
{
    /// <summary>For tables and plots.</summary>
    public string Title { get; } = Preferences.Get(Id).ToString();

    /// <summary>The reward.</summary>
    public required IRewardSource Reward { get; init; }

    public static RewardedPreference Load(ExperimentContext context, PreferenceRewards rewards, string id) => new(
        id,
        context.Model.LoadExpert(context.Miniature.Expert(id)),
        rewards.Model(id),
        new RuleReward($"judge {id}", answer => JudgePanel.Default.Satisfies(id, answer.Text) ? 1 : 0))
    {
        Reward = rewards.Sources[id],
    };
}

/// <summary>
/// Models scored twice, by the reward models and by the judges those learnt from; claims are about the former, as in
/// the paper.
/// </summary>
internal static class BothScores
{
    /// <summary>Reward models first, then judges.</summary>
    public static IEnumerable<IRewardSource> Sources(IReadOnlyList<RewardedPreference> preferences) =>
        [.. preferences.Select(p => p.Reward), .. preferences.Select(p => p.Judge)];

    public static PromptScores ByModels(this PromptScores scores) => Half(scores, 0);

    public static PromptScores ByJudges(this PromptScores scores) => Half(scores, scores.Rewards / 2);

    public static SweepPoint ByModels(this SweepPoint point) => point with { Scores = point.Scores.ByModels() };

    public static LambdaSweep ByModels(this LambdaSweep sweep) => new(sweep.Points.Select(p => p.ByModels()));

    public static LambdaSweep ByJudges(this LambdaSweep sweep) =>
        new(sweep.Points.Select(p => p with { Scores = p.Scores.ByJudges() }));

    private static PromptScores Half(PromptScores scores, int first) =>
        new([.. Enumerable.Range(first, scores.Rewards / 2).Select(j => scores[j].ToArray())]);
}
