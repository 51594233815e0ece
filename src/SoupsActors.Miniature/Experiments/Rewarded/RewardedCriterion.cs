using SoupsActors.Learning.Rollouts;
using SoupsActors.Miniature.Judges;

namespace SoupsActors.Miniature.Experiments.Rewarded;

/// <summary>Something answers are scored by.</summary>
/// <param name="Id">A short id, such as the preference's.</param>
/// <param name="Title">For tables and plots.</param>
/// <param name="Score">The score of an answer, on any scale.</param>
public sealed record RewardedCriterion(string Id, string Title, Func<Rollout, double> Score)
{
    /// <summary>
    /// Brevity, friendliness and specialist's register by the programmatic judges: one pole of each dimension, so that
    /// one answer can meet all three and what is traded is the share of each in the weights.
    /// </summary>
    public static IReadOnlyList<RewardedCriterion> Default { get; } = [Judged("P2A"), Judged("P3A"), Judged("P1B")];

    private static RewardedCriterion Judged(string preference) => new(
        preference,
        Preferences.Get(preference).ToString(),
        answer => JudgePanel.Default.Score(preference, answer.Prompt.Text, answer.Text));
}

/// <summary>
/// A criterion in standard deviations of the base model's own answers, so that mixtures weigh like with like and one
/// strength of the KL penalty suits all.
/// </summary>
/// <param name="Criterion">The criterion.</param>
/// <param name="Mean">Mean score of the base's answers.</param>
/// <param name="Deviation">Their standard deviation; 1 where they are all alike.</param>
internal sealed record StandardReward(RewardedCriterion Criterion, double Mean, double Deviation)
{
    /// <summary>Judges mark answers that say nothing far below all others; beyond this, worse is not worse.</summary>
    private const double Bound = 4;

    public double Of(Rollout answer) =>
        Math.Clamp((Criterion.Score(answer) - Mean) / Deviation, -Bound, Bound);

    public static StandardReward Of(RewardedCriterion criterion, IReadOnlyList<Rollout> ofBase)
    {
        // Answers that say nothing are rare and far off; a fiftieth at each end does not set the scale.
        var scores = ofBase.Select(criterion.Score).Order().ToArray();
        var kept = scores[(scores.Length / 50)..(scores.Length - scores.Length / 50)];
        var mean = kept.Average();
        var deviation = Math.Sqrt(kept.Average(s => (s - mean) * (s - mean)));
        return new StandardReward(criterion, mean, deviation > 0 ? deviation : 1);
    }
}
