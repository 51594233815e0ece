using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Learning.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Learning.Policy;

/// <summary>Measures each step, and says when a run has diverged.</summary>
internal static class PpoMonitor
{
    /// <summary>What the answers of a step show before the update.</summary>
    /// <param name="rollouts">All answers that were sampled.</param>
    /// <param name="signals">Their rewards.</param>
    /// <param name="episodes">Those that are learned from, with their log-probabilities and values.</param>
    /// <param name="klCoefficient">β of the step.</param>
    /// <param name="gold">The metric beside the reward, or null.</param>
    public static Dictionary<string, double> Measure(
        IReadOnlyList<Rollout> rollouts,
        IReadOnlyList<RewardSignal> signals,
        IReadOnlyList<Episode> episodes,
        double klCoefficient,
        Func<Rollout, double>? gold)
    {
        var scores = new RunningMoments();
        scores.Update(signals.Select(RewardShaping.Total));
        var tokens = (double)episodes.Sum(e => e.Length);
        var kl = episodes.Average(e => e.Kl);
        var measured = new Dictionary<string, double>
        {
            [MetricNames.Kl] = kl,
            [MetricNames.KlPerToken] = episodes.Sum(e => e.Kl) / tokens,
            [MetricNames.Entropy] = episodes.Average(e => -Sum(e.LogProbabilities)),
            [MetricNames.NonScoreReward] = -klCoefficient * kl,
            [MetricNames.RlhfReward] = scores.Mean - klCoefficient * kl,
            [MetricNames.Scores] = scores.Mean,
            [MetricNames.ScoresStandardDeviation] = scores.StandardDeviation,
            [MetricNames.KlCoefficient] = klCoefficient,
            [MetricNames.EndedAnswers] = rollouts.Count(r => r.Ended),
            [MetricNames.ResponseLength] = rollouts.Average(r => r.Response.Length),
            [MetricNames.ReferencePerplexity] = Math.Exp(-episodes.Sum(e => Sum(e.ReferenceLogProbabilities)) / tokens),
        };
        if (gold is not null)
            measured[MetricNames.Gold] = rollouts.Average(gold);
        return measured;
    }

    /// <summary>1 − Var(returns − values) / Var(returns); NaN where all returns are the same.</summary>
    public static double ExplainedVariance(IReadOnlyList<Episode> episodes)
    {
        var returns = new RunningMoments();
        returns.Update(episodes.SelectMany(e => e.Returns).Select(r => (double)r));
        var errors = new RunningMoments();
        errors.Update(episodes.SelectMany(e => e.Returns.Zip(e.Values, (r, v) => (double)r - v)));
        return returns.Variance > 0 ? 1 - errors.Variance / returns.Variance : double.NaN;
    }

    /// <summary>Checks what a reward source returned.</summary>
    /// <exception cref="DivergedException">A score is not finite.</exception>
    /// <exception cref="InvalidOperationException">The number of scores, or of a token's rewards, is wrong.</exception>
    public static void RequireValid(
        IRewardSource source, IReadOnlyList<Rollout> rollouts, IReadOnlyList<RewardSignal> signals)
    {
        if (signals.Count != rollouts.Count)
        {
            throw new InvalidOperationException(
                $"Reward {source.Id} returned {signals.Count} scores for {rollouts.Count} answers.");
        }

        for (var i = 0; i < signals.Count; i++)
        {
            if (signals[i].PerToken is { } tokens && tokens.Length != rollouts[i].Response.Length)
            {
                throw new InvalidOperationException(
                    $"Reward {source.Id} returned {tokens.Length} rewards for the {rollouts[i].Response.Length} tokens "
                    + "of an answer.");
            }

            if (!double.IsFinite(RewardShaping.Total(signals[i])))
                throw new DivergedException($"Reward {source.Id} scored an answer {RewardShaping.Total(signals[i])}.");
        }
    }

    /// <summary>Stops a run whose answers have left the bounds.</summary>
    /// <exception cref="DivergedException">They have; the message says which bound and by how much.</exception>
    public static void RequireBounded(int step, IReadOnlyDictionary<string, double> measured, PpoOptions options)
    {
        Check(measured[MetricNames.Kl], double.IsFinite, "is not a finite number");
        const string Advice = "raise the KL coefficient, lower the learning rate, or both";
        Check(
            measured[MetricNames.KlPerToken],
            kl => !(kl > options.MaxKlPerToken),
            $"per token is above the bound of {options.MaxKlPerToken}; {Advice}");
        Check(
            measured[MetricNames.Kl],
            kl => !(kl > options.MaxKl),
            $"per answer is above the bound of {options.MaxKl}; {Advice}");
        var length = measured[MetricNames.ResponseLength];
        if (length < options.MinResponseLength)
        {
            throw new DivergedException(
                $"Answers of step {step} have collapsed: they have {length:F1} tokens in the mean, fewer than the bound "
                + $"of {options.MinResponseLength}.");
        }

        void Check(double kl, Func<double, bool> holds, string problem)
        {
            if (!holds(kl))
            {
                throw new DivergedException(
                    $"The KL divergence of step {step} from the reference, {kl:G4} nats, {problem}.");
            }
        }
    }

    private static double Sum(float[] numbers) => numbers.Sum(n => (double)n);
}
