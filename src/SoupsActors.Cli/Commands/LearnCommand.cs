using System.CommandLine;
using SoupsActors.Cli.Learning;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Direct;
using SoupsActors.Learning.Supervised;
using SoupsActors.Learning.Training;
using Spectre.Console;

namespace SoupsActors.Cli.Commands;

/// <summary><c>soups learn sft|dpo|rm|ppo|online-dpo</c>: trainings on files, without a silo.</summary>
internal static class LearnCommand
{
    public static Command Create(IAnsiConsole console) =>
        new("learn", "Train an expert or a reward model from a file of preferences, without a silo.")
        {
            Supervised(console),
            Direct(console),
            LearnRewardCommand.Create(console),
            LearnPolicyCommand.Create(console),
            LearnOnlineCommand.Create(console),
        };

    private static Command Supervised(IAnsiConsole console)
    {
        var common = new LearnOptions(learningRate: 1e-3, dropout: true);
        var command = new Command("sft", "Fine-tune an expert on the preferred answers.");
        command.SetAction((parsed, stop) => RunAsync(console, common.Read(parsed), async (run, data, settings) =>
        {
            var answers = data.GoodAnswers;
            RequireSome(answers.Count, "answer that is preferred or called good", settings);
            var tuning = new MultitaskFineTuning(
                [.. answers.Select(a => new Demonstration(a.Prompt, a.Completion, []) { Earlier = a.Earlier })],
                new PreferencePrompts(new Dictionary<string, string>()),
                run.Model.Format,
                settings.Batch,
                settings.Seed);
            var steps = settings.Steps(answers.Count);
            var options = new SupervisedOptions
            {
                Steps = steps,
                Schedule = settings.Schedule(steps),
                ReportEvery = 1,
                DropoutSeed = unchecked((ulong)settings.Seed),
            };
            var fingerprint = $"{options}/{settings.Lora}/{tuning.Fingerprint()}";
            var last = await run.TrainAsync("sft", steps, fingerprint, (checkpoint, progress) =>
            {
                var (model, state) = (run.Model.Transformer, new TrainingCheckpoint(checkpoint));
                model.Adapter = run.Adapter;
                tuning.Run(model, options, state, new AsMetrics(progress), cancellation: stop);
                return Task.CompletedTask;
            });
            run.Finish(run.SaveExpert("sft", steps).Hash, steps, data, last, new { answers = answers.Count });
        }, stop));
        return common.AddTo(command);
    }

    private static Command Direct(IAnsiConsole console)
    {
        var common = new LearnOptions(learningRate: 5e-4);
        var loss = new Option<PairwiseLossKind>("--loss") { Description = "sigmoid (DPO) or identity (IPO)." };
        var beta = new Option<double>("--beta")
        {
            Description = "How strongly the base is kept to.",
            DefaultValueFactory = _ => 0.1,
        };
        var smoothing = new Option<double>("--label-smoothing")
        {
            Description = "Probability that a label is wrong, below 0.5.",
        };
        var command = new Command("dpo", "Train an expert on comparisons directly, without a reward model.")
        {
            loss, beta, smoothing,
        };
        command.SetAction((parsed, stop) => RunAsync(console, common.Read(parsed), async (run, data, settings) =>
        {
            TokenPair[] pairs = [.. data.Comparisons.Select(run.Model.Format.Pair)];
            RequireSome(pairs.Length, "comparison", settings);
            var steps = settings.Steps(pairs.Length);
            var options = new DpoOptions
            {
                Steps = steps,
                Schedule = settings.Schedule(steps),
                BatchPairs = settings.Batch,
                Seed = settings.Seed,
                Loss = new PairwiseLoss
                {
                    Kind = parsed.GetValue(loss),
                    Beta = parsed.GetValue(beta),
                    LabelSmoothing = parsed.GetValue(smoothing),
                },
            };
            var last = await run.TrainAsync(
                "dpo",
                steps,
                DpoTraining.Fingerprint(options, pairs, settings.Lora.ToString()),
                (checkpoint, progress) => DpoTraining.RunAsync(
                    run.Model.Transformer,
                    run.Adapter,
                    pairs,
                    options,
                    checkpoint: checkpoint,
                    progress: progress,
                    cancellation: stop));
            run.Finish(run.SaveExpert("dpo", steps).Hash, steps, data, last, new { pairs = pairs.Length });
        }, stop));
        return common.AddTo(command);
    }

    internal static Task<int> RunAsync(
        IAnsiConsole console,
        LearnSettings settings,
        Func<LearnRun, LearnData, LearnSettings, Task> train,
        CancellationToken cancellation) => Task.Run(
        async () =>
        {
            var data = await LearnData.ReadAsync(console, settings, cancellation);
            await using var run = LearnRun.Open(console, settings, cancellation);
            await train(run, data, settings);
            return SoupsTool.Success;
        },
        cancellation);

    internal static void RequireSome(int count, string what, LearnSettings settings)
    {
        if (count > 0)
            return;
        var of = settings.Preference is null ? "" : $" of {settings.Preference}";
        throw new ArgumentException($"{settings.Data} holds no {what}{of}.");
    }

    private sealed class AsMetrics(IProgress<TrainingMetrics> progress) : IProgress<SupervisedProgress>
    {
        public void Report(SupervisedProgress value)
        {
            progress.Report(new TrainingMetrics(value.Step, new Dictionary<string, double>
            {
                [MetricNames.Loss] = value.Loss,
                [MetricNames.GradientNorm] = value.GradientNorm,
                [MetricNames.LearningRate] = value.LearningRate,
            }));
        }
    }
}
