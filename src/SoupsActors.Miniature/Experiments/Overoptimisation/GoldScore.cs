using System.Text.Json.Serialization;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Miniature.Judges;

namespace SoupsActors.Miniature.Experiments.Overoptimisation;

/// <summary>
/// What answers are really worth: the mean of several criteria of the programmatic judges, each in standard deviations
/// of the base's answers from their mean, kept within ±<see cref="Clip"/> so that no single criterion decides alone.
/// </summary>
/// <param name="Criteria">Ids of the criteria.</param>
/// <param name="Means">Mean of each over the base's answers.</param>
/// <param name="Deviations">Standard deviation of each.</param>
[method: JsonConstructor]
internal sealed record GoldScore(
    IReadOnlyList<string> Criteria, IReadOnlyList<double> Means, IReadOnlyList<double> Deviations)
{
    private const double Clip = 3;

    /// <summary>The scale of some answers of the base.</summary>
    public static GoldScore On(IReadOnlyList<string> criteria, IReadOnlyList<Rollout> answers)
    {
        var scores = criteria.Select(c => answers.Select(a => Judge(c, a)).ToArray()).ToArray();
        double[] means = [.. scores.Select(s => s.Average())];
        return new GoldScore(criteria, means, [.. scores.Zip(means, (s, mean) =>
            Math.Max(1e-6, Math.Sqrt(s.Average(x => (x - mean) * (x - mean)))))]);
    }

    public double Of(Rollout answer) => Criteria.Select((criterion, i) =>
        Math.Clamp((Judge(criterion, answer) - Means[i]) / Deviations[i], -Clip, Clip)).Average();

    private static double Judge(string criterion, Rollout answer) =>
        JudgePanel.Default.Score(criterion, answer.Prompt.Text, answer.Text);
}
