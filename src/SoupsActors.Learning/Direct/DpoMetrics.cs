using SoupsActors.Learning.Data;
using SoupsActors.Learning.Training;

namespace SoupsActors.Learning.Direct;

/// <summary>Adds up what the batches of one step measured.</summary>
internal sealed class DpoMetrics(DpoOptions options)
{
    private int pairs;
    private int chosenTokens;
    private double losses;
    private double right;
    private double chosenRatio;
    private double rejectedRatio;
    private double chosenLog;
    private double rejectedLog;

    /// <summary>How much less likely the chosen answers are than under the reference, in nats per token.</summary>
    public double ChosenDropPerToken => -chosenRatio / chosenTokens;

    /// <summary>Adds a batch.</summary>
    /// <param name="part">The pairs.</param>
    /// <param name="policy">log π of each pair's chosen, then rejected answer's tokens.</param>
    /// <param name="reference">log π_ref of the same tokens.</param>
    /// <param name="partLosses">Loss of each pair.</param>
    public void Add(IReadOnlyList<TokenPair> part, float[] policy, float[] reference, float[] partLosses)
    {
        var row = 0;
        for (var i = 0; i < part.Count; i++)
        {
            var (chosen, oldChosen) = Sums(part[i].Chosen.Length);
            var (rejected, oldRejected) = Sums(part[i].Rejected.Length);
            var ratios = (Chosen: chosen - oldChosen, Rejected: rejected - oldRejected);
            pairs++;
            losses += partLosses[i];
            right += ratios.Chosen > ratios.Rejected ? 1 : 0;
            chosenTokens += part[i].Chosen.Length;
            chosenRatio += ratios.Chosen;
            rejectedRatio += ratios.Rejected;
            chosenLog += chosen;
            rejectedLog += rejected;
        }

        (double Policy, double Reference) Sums(int length)
        {
            double now = 0, old = 0;
            for (var end = row + length; row < end; row++)
            {
                now += policy[row];
                old += reference[row];
            }

            return (now, old);
        }
    }

    public TrainingMetrics ToMetrics(int step, double rate, double norm)
    {
        var beta = options.Loss.Beta;
        var values = new Dictionary<string, double>
        {
            [MetricNames.Loss] = losses / pairs,
            [MetricNames.ChosenRewards] = beta * chosenRatio / pairs,
            [MetricNames.RejectedRewards] = beta * rejectedRatio / pairs,
            [MetricNames.RewardMargins] = beta * (chosenRatio - rejectedRatio) / pairs,
            [MetricNames.RewardAccuracies] = right / pairs,
            [MetricNames.ChosenLogProbabilities] = chosenLog / pairs,
            [MetricNames.RejectedLogProbabilities] = rejectedLog / pairs,
            [MetricNames.ChosenDrop] = ChosenDropPerToken,
            [MetricNames.GradientNorm] = norm,
            [MetricNames.LearningRate] = rate,
        };
        if (options.MaxChosenDropPerToken is { } bound)
            values[MetricNames.ChosenDropBound] = bound;
        return new TrainingMetrics(step, values);
    }
}
