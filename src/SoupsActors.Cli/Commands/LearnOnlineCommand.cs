using System.CommandLine;
using SoupsActors.Cli.Learning;
using SoupsActors.Learning.Direct;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Learning.Training;
using Spectre.Console;

namespace SoupsActors.Cli.Commands;

/// <summary>
/// <c>soups learn online-dpo</c>: an expert by DPO on pairs of its own answers, scored by a reward model.
/// </summary>
internal static class LearnOnlineCommand
{
    public static Command Create(IAnsiConsole console)
    {
        var common = new LearnOptions(learningRate: 1e-3);
        var reward = new Option<DirectoryInfo>("--reward")
        {
            Description = "Folder of the reward model, as \"soups learn rm\" writes it.",
            Required = true,
        };
        var iterations = Whole("--iterations", "Times that all is done: answer, score, learn.", least: 1, value: 3);
        var samples = Whole("--samples", "Answers to each prompt, of which two make a pair.", least: 2, value: 4);
        var maxTokens = Whole("--max-tokens", "Most tokens of an answer.", least: 1, value: 96);
        var prompts = new Option<int?>("--prompts")
        {
            Description = "Prompts of an iteration, drawn from the file; all of them by default.",
        };
        prompts.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < 1)
                result.AddError("--prompts must be at least 1.");
        });
        var selection = new Option<PairSelection>("--selection")
        {
            Description = "Which two answers make a pair: MaxMin, Random, MaxRandom, MaxMax or MaxMinLengthPenalty.",
            DefaultValueFactory = _ => PairSelection.MaxMin,
        };
        var beta = new Option<double>("--beta")
        {
            Description = "How strongly the base is kept to.",
            DefaultValueFactory = _ => 0.1,
        };
        var bound = new Option<double>("--kl-bound")
        {
            Description = "The training is given up once answers are further than this from the base, in nats a token.",
            DefaultValueFactory = _ => 1,
        };
        var command = new Command(
            "online-dpo",
            "Train an expert on pairs of its own answers to the prompts of a file, the better and the worse by a "
            + "reward model; --epochs passes over the pairs of an iteration, --batch pairs a step.")
        {
            reward, iterations, samples, prompts, selection, maxTokens, beta, bound,
        };
        command.SetAction((parsed, stop) => LearnCommand.RunAsync(
            console,
            common.Read(parsed),
            async (run, data, settings) =>
            {
                if (settings.Epochs != Math.Floor(settings.Epochs))
                    throw new ArgumentException("--epochs must be whole: an iteration goes through all its pairs.");
                var options = new OnlineDpoOptions
                {
                    Iterations = parsed.GetValue(iterations),
                    SamplesPerPrompt = parsed.GetValue(samples),
                    MaxTokens = parsed.GetValue(maxTokens),
                    Selection = parsed.GetValue(selection),
                    Loss = new PairwiseLoss { Beta = parsed.GetValue(beta) },
                    Epochs = (int)settings.Epochs,
                    BatchPairs = settings.Batch,
                    LearningRate = settings.LearningRate,
                    Seed = unchecked((ulong)settings.Seed),
                    MaxKlPerToken = parsed.GetValue(bound),
                };
                var folder = parsed.GetRequiredValue(reward).FullName;
                await TrainAsync(run, data, settings, options, folder, parsed.GetValue(prompts), stop);
            },
            stop));
        return common.AddTo(command);
    }

    private static async Task TrainAsync(
        LearnRun run,
        LearnData data,
        LearnSettings settings,
        OnlineDpoOptions options,
        string reward,
        int? drawn,
        CancellationToken stop)
    {
        var prompts = LearnPolicyCommand.Prompts(data, run.Model.Format, options.MaxTokens);
        LearnCommand.RequireSome(
            prompts.Length, $"prompt that leaves {options.MaxTokens} tokens for an answer", settings);
        using var judge = RewardModel.Load(reward, run.Model.Transformer, run.Model.BaseHash);
        var environment = new OnlineDpoEnvironment
        {
            BaseHash = run.Model.BaseHash,
            Prompts = iteration => drawn is { } count
                ? RolloutPrompt.Draw(prompts, count, options.Seed, iteration)
                : prompts,
            Rollouts = run.Model.Rollouts,
            Reward = new RewardModelSource(judge),
        };
        var pairs = drawn ?? prompts.Length;
        var most = options.Iterations * (int)Math.Ceiling(pairs * (double)options.Epochs / options.BatchPairs);
        var (result, curve) = await run.TrainOnlineAsync(
            most,
            $"{settings.Lora}/{drawn}/{LearnPolicyCommand.Hash(prompts)}",
            (files, progress) => OnlineDpoTraining.RunAsync(
                run.Model.Transformer,
                run.Adapter,
                environment,
                options,
                files: files,
                progress: progress,
                cancellation: stop));
        if (result.Pairs == 0)
        {
            throw new InvalidOperationException(
                "No two answers to a prompt scored differently, so there was nothing to learn. Try more --samples or "
                + "longer answers.");
        }

        var expert = run.SaveExpert("online-dpo", result.Steps, judge.ContentHash());
        run.Finish(expert.Hash, result.Steps, data, curve is [.., var last] ? last : null, new
        {
            prompts = prompts.Length,
            iterations = result.Iterations,
            pairs = result.Pairs,
            answers = result.Episodes,
            // Before the updates of each iteration that had any.
            scores = curve.Where(m => m.Values.ContainsKey(MetricNames.Scores)).Select(m => m[MetricNames.Scores]),
        });
    }

    private static Option<int> Whole(string name, string description, int least, int value)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < least)
                result.AddError($"{name} must be at least {least}.");
        });
        return option;
    }
}
