using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using SoupsActors.Cli.Learning;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Policy;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Tensors;
using Spectre.Console;

namespace SoupsActors.Cli.Commands;

/// <summary><c>soups learn ppo</c>: an expert by reinforcement learning against a reward model.</summary>
internal static class LearnPolicyCommand
{
    public static Command Create(IAnsiConsole console)
    {
        var common = new LearnOptions(learningRate: 1e-3);
        var reward = new Option<DirectoryInfo>("--reward")
        {
            Description = "Folder of the reward model, as \"soups learn rm\" writes it.",
            Required = true,
        };
        var maxTokens = new Option<int>("--max-tokens")
        {
            Description = "Most tokens of an answer.",
            DefaultValueFactory = _ => 96,
        };
        var beta = new Option<double>("--beta")
        {
            Description = "Penalty on leaving the base, per nat.",
            DefaultValueFactory = _ => 0.2,
        };
        var bound = new Option<double>("--kl-bound")
        {
            Description = "The training is given up once answers are further than this from the base, in nats a token.",
            DefaultValueFactory = _ => 0.5,
        };
        var command = new Command(
            "ppo", "Train an expert by PPO on the prompts of a file, against a reward model; --batch prompts a step.")
        {
            reward, maxTokens, beta, bound,
        };
        command.SetAction((parsed, stop) => LearnCommand.RunAsync(
            console,
            common.Read(parsed),
            async (run, data, settings) =>
            {
                var prompts = Prompts(data, run.Model.Format, parsed.GetValue(maxTokens));
                LearnCommand.RequireSome(
                    prompts.Length, $"prompt that leaves {parsed.GetValue(maxTokens)} tokens for an answer", settings);
                var steps = settings.Steps(prompts.Length);
                var options = new PpoOptions
                {
                    Steps = steps,
                    MaxTokens = parsed.GetValue(maxTokens),
                    Seed = unchecked((ulong)settings.Seed),
                    MiniBatch = Math.Min(16, settings.Batch),
                    PolicySchedule = new LearningRateSchedule(ScheduleKind.Constant, settings.LearningRate, steps),
                    KlCoefficient = parsed.GetValue(beta),
                    MaxKlPerToken = parsed.GetValue(bound),
                };
                var model = run.Model.Transformer;
                using var judge = RewardModel.Load(
                    parsed.GetRequiredValue(reward).FullName, model, run.Model.BaseHash);
                using var critic = Critic.From(judge, model.Config);
                var environment = new PpoEnvironment
                {
                    BaseHash = run.Model.BaseHash,
                    Prompts = step => RolloutPrompt.Draw(prompts, settings.Batch, options.Seed, step),
                    Rollouts = run.Model.Rollouts,
                    Reward = new RewardModelSource(judge),
                };
                var last = await run.TrainPolicyAsync(
                    steps,
                    $"{settings.Lora}/{settings.Batch}/{Hash(prompts)}",
                    (files, progress) => PpoTraining.RunAsync(
                        model, run.Adapter, critic, environment, options, files, progress, cancellation: stop));
                var expert = run.SaveExpert("ppo", steps, judge.ContentHash());
                run.Finish(expert.Hash, steps, data, last, new { prompts = prompts.Length });
            },
            stop));
        return common.AddTo(command);
    }

    /// <summary>The different prompts of a file that leave room for an answer.</summary>
    internal static RolloutPrompt[] Prompts(LearnData data, ConversationFormat format, int maxTokens) =>
    [
        .. data.Rows
            .Select(row => new RolloutPrompt(row.Prompt, format.Prompt(row.Prompt, row.Earlier)))
            .DistinctBy(prompt => string.Join(',', prompt.Tokens))
            .Where(prompt => prompt.Tokens.Length + maxTokens <= format.MaxTokens),
    ];

    internal static string Hash(RolloutPrompt[] prompts) => Convert.ToHexStringLower(
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(prompts.Select(p => p.Tokens))));
}
