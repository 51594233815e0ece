namespace SoupsActors.Learning.Training;

/// <summary>Names of metrics, as TRL and CleanRL call them, so that existing panels fit.</summary>
public static class MetricNames
{
    /// <summary>Mean over answers of the summed per-token KL estimate between policy and reference, in nats.</summary>
    public const string Kl = "objective/kl";

    /// <summary>Mean KL estimate per response token, in nats.</summary>
    public const string KlPerToken = "objective/kl_per_token";

    /// <summary>Entropy estimate of the policy that sampled: mean of −log π over answers, in nats.</summary>
    public const string Entropy = "objective/entropy";

    /// <summary>Mean of the KL penalties.</summary>
    public const string NonScoreReward = "objective/non_score_reward";

    /// <summary>Mean of score and penalties together.</summary>
    public const string RlhfReward = "objective/rlhf_reward";

    /// <summary>Mean score of the reward source, unscaled.</summary>
    public const string Scores = "objective/scores";

    /// <summary>Standard deviation of the scores.</summary>
    public const string ScoresStandardDeviation = "objective/scores_std";

    /// <summary>The metric that decides what is wanted, where there is one, measured beside the reward.</summary>
    public const string Gold = "objective/gold";

    /// <summary>Coefficient of the KL penalty.</summary>
    public const string KlCoefficient = "objective/kl_coef";

    /// <summary>Mean approximate KL of the updated policy from the one that sampled.</summary>
    public const string ApproximateKl = "policy/approxkl_avg";

    /// <summary>Share of tokens whose ratio was clipped.</summary>
    public const string PolicyClipFraction = "policy/clipfrac_avg";

    /// <summary>Updates done in the step; fewer than planned where the approximate KL ended them early.</summary>
    public const string PolicyUpdates = "policy/updates";

    /// <summary>Mini-batches of the step that were skipped because their mean ratio exploded.</summary>
    public const string SkippedBatches = "policy/skipped_batches";

    /// <summary>Entropy of the policy under optimisation, per token.</summary>
    public const string PolicyEntropy = "policy/entropy_avg";

    /// <summary>Mean policy loss.</summary>
    public const string PolicyLoss = "loss/policy_avg";

    /// <summary>Mean value loss.</summary>
    public const string ValueLoss = "loss/value_avg";

    /// <summary>Loss of a supervised or pairwise step.</summary>
    public const string Loss = "loss";

    /// <summary>Pairs that the answers of an iteration made.</summary>
    public const string Pairs = "pairs";

    /// <summary>Implicit reward β(log π − log π_ref) of chosen answers, mean of a step.</summary>
    public const string ChosenRewards = "rewards/chosen";

    /// <summary>Implicit reward of rejected answers.</summary>
    public const string RejectedRewards = "rewards/rejected";

    /// <summary>Implicit reward of chosen answers less that of rejected ones.</summary>
    public const string RewardMargins = "rewards/margins";

    /// <summary>Share of pairs whose chosen answer has the larger implicit reward.</summary>
    public const string RewardAccuracies = "rewards/accuracies";

    /// <summary>log π of chosen answers, summed over tokens, mean of a step.</summary>
    public const string ChosenLogProbabilities = "logps/chosen";

    /// <summary>log π of rejected answers.</summary>
    public const string RejectedLogProbabilities = "logps/rejected";

    /// <summary>log π_ref − log π of chosen answers, mean over the tokens of a step, in nats.</summary>
    public const string ChosenDrop = "logps/chosen_drop";

    /// <summary>Above this drop the training ends as diverged.</summary>
    public const string ChosenDropBound = "logps/chosen_drop_bound";

    /// <summary>Share of tokens whose value was clipped.</summary>
    public const string ValueClipFraction = "val/clipfrac_avg";

    /// <summary>Mean probability ratio.</summary>
    public const string Ratio = "val/ratio";

    /// <summary>Variance of the probability ratio.</summary>
    public const string RatioVariance = "val/ratio_var";

    /// <summary>1 − Var(returns − values) / Var(returns).</summary>
    public const string ExplainedVariance = "val/explained_variance";

    /// <summary>Answers that ended by themselves.</summary>
    public const string EndedAnswers = "val/num_eos_tokens";

    /// <summary>Mean length of answers in tokens.</summary>
    public const string ResponseLength = "val/response_length";

    /// <summary>Perplexity of the answers under the reference.</summary>
    public const string ReferencePerplexity = "val/reference_perplexity";

    /// <summary>Global norm of the gradient before clipping.</summary>
    public const string GradientNorm = "grad_norm";

    /// <summary>Learning rate.</summary>
    public const string LearningRate = "lr";

    /// <summary>Episodes, that is answers, so far.</summary>
    public const string Episodes = "episode";

    /// <summary>Seconds spent sampling.</summary>
    public const string GenerationSeconds = "time/generation";

    /// <summary>Seconds spent scoring: rewards, reference, values.</summary>
    public const string ScoringSeconds = "time/scoring";

    /// <summary>Seconds spent in updates.</summary>
    public const string UpdateSeconds = "time/update";

    /// <summary>Share of pairs that are ordered rightly.</summary>
    public const string Accuracy = "accuracy";

    /// <summary>Calibration error over the last pairs, each scored before the step that learnt from it.</summary>
    public const string CalibrationError = "calibration_error";

    /// <summary>Mean reward margin between chosen and rejected answers.</summary>
    public const string Margin = "margin";

    /// <summary>Smallest reward of a batch.</summary>
    public const string MinimumReward = "min_reward";

    /// <summary>Mean reward of a batch.</summary>
    public const string MeanReward = "mean_reward";

    /// <summary>Largest reward of a batch.</summary>
    public const string MaximumReward = "max_reward";

    /// <summary>Weight of a data set in multi-objective reward learning; its index follows.</summary>
    public const string Lambda = "more/lambda_";
}
