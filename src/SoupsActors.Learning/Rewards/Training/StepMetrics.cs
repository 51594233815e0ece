using System.Globalization;
using SoupsActors.Learning.Training;

namespace SoupsActors.Learning.Rewards;

/// <summary>Adds up what the batches of one step measured.</summary>
internal sealed class StepMetrics(int pairs, RecentGaps recent)
{
    private double loss;
    private double margin;
    private double right;
    private double sum;
    private double smallest = double.PositiveInfinity;
    private double largest = double.NegativeInfinity;

    /// <summary>Adds a batch.</summary>
    /// <param name="scores">Scores of the chosen, then of the rejected answers.</param>
    /// <param name="losses">Loss of each pair.</param>
    public void Add(float[] scores, float[] losses)
    {
        var n = losses.Length;
        recent.Add(scores);
        for (var i = 0; i < n; i++)
        {
            loss += losses[i];
            margin += scores[i] - scores[n + i];
            right += RewardReport.Order(scores[i], scores[n + i]);
        }

        foreach (var score in scores)
        {
            sum += score;
            smallest = Math.Min(smallest, score);
            largest = Math.Max(largest, score);
        }
    }

    public TrainingMetrics ToMetrics(int step, double rate, double norm, IReadOnlyList<double>? lambda)
    {
        var values = new Dictionary<string, double>
        {
            [MetricNames.Loss] = loss / pairs,
            [MetricNames.Accuracy] = right / pairs,
            [MetricNames.Margin] = margin / pairs,
            [MetricNames.MinimumReward] = smallest,
            [MetricNames.MeanReward] = sum / (2 * pairs),
            [MetricNames.MaximumReward] = largest,
            [MetricNames.GradientNorm] = norm,
            [MetricNames.LearningRate] = rate,
        };
        if (recent.CalibrationError is { } error)
            values[MetricNames.CalibrationError] = error;
        for (var k = 0; k < (lambda?.Count ?? 0); k++)
            values[MetricNames.Lambda + k.ToString(CultureInfo.InvariantCulture)] = lambda![k];
        return new TrainingMetrics(step, values);
    }
}
