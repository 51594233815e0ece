using System.CommandLine;
using SoupsActors.Client;
using SoupsActors.Trainings;

namespace SoupsActors.Cli.Commands;

/// <summary>The settings of a training as options; what is left out the silo decides.</summary>
internal sealed class TrainOptions
{
    private readonly Option<TrainingMethod?> method = new("--method") { Description = "ppo or dpo." };
    private readonly Option<int?> steps = new("--steps")
    {
        Description = "Steps of the policy: the budget in steps.",
    };

    private readonly Option<double?> minutes = new("--minutes")
    {
        Description = "Minutes of work of all phases together.",
    };

    private readonly Option<int?> rewardSteps = new("--reward-steps") { Description = "Steps of the reward model." };
    private readonly Option<int?> batch = new("--batch") { Description = "Answers, or pairs, of one step." };
    private readonly Option<int?> maxTokens = new("--max-tokens") { Description = "Longest answer in tokens." };
    private readonly Option<double?> rate = new("--learning-rate") { Description = "Learning rate of the policy." };
    private readonly Option<double?> klBound = new("--kl-bound")
    {
        Description = "Largest mean divergence from the base per token, in nats.",
    };

    private readonly Option<int?> comparisons = new("--minimum-comparisons")
    {
        Description = "Fewest comparisons to begin with.",
    };

    private readonly Option<int?> prompts = new("--evaluation-prompts")
    {
        Description = "Held-out prompts to compare versions on.",
    };

    private readonly Option<double?> winRate = new("--win-rate-above")
    {
        Description = "The lower bound of the win rate must lie above this, 0 to 1.",
    };

    private readonly Option<TrainingJudge?> judge = new("--judge") { Description = "auto, rules, reward or chat." };
    private readonly Option<TrainingStart?> from = new("--from")
    {
        Description = "Start from the current version, or from the base.",
    };

    private readonly Option<long?> seed = new("--seed") { Description = "Seed of everything that is drawn." };
    private readonly Option<int?> rank = new("--rank")
    {
        Description = "Rank of the adapter, where it does not start from a version.",
    };

    public void AddTo(Command command)
    {
        Option[] all =
        [
            method, steps, minutes, rewardSteps, batch, maxTokens, rate, klBound, comparisons, prompts, winRate, judge, from,
            seed, rank,
        ];
        foreach (var option in all)
            command.Add(option);
    }

    public TrainingSettings Read(ParseResult parsed) => new()
    {
        Method = parsed.GetValue(method),
        Steps = parsed.GetValue(steps),
        Minutes = parsed.GetValue(minutes),
        RewardSteps = parsed.GetValue(rewardSteps),
        Batch = parsed.GetValue(batch),
        MaxTokens = parsed.GetValue(maxTokens),
        LearningRate = parsed.GetValue(rate),
        KlBound = parsed.GetValue(klBound),
        MinimumComparisons = parsed.GetValue(comparisons),
        EvaluationPrompts = parsed.GetValue(prompts),
        WinRateAbove = parsed.GetValue(winRate),
        Judge = parsed.GetValue(judge),
        From = parsed.GetValue(from),
        Seed = parsed.GetValue(seed),
        Rank = parsed.GetValue(rank),
    };
}
