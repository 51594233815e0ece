using System.CommandLine;
using System.Globalization;
using SoupsActors.Cli.Output;
using SoupsActors.Learning;
using SoupsActors.Learning.Benchmarks;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Miniature.Corpus;
using SoupsActors.Miniature.Recipe;
using SoupsActors.Models.Files;
using SoupsActors.Tensors.Cpu;
using Spectre.Console;

namespace SoupsActors.Cli.Commands;

/// <summary><c>soups bench train</c>: tokens per second of training all parameters, an adapter, and a policy by PPO.</summary>
internal static class BenchTrain
{
    public static Command Create(IAnsiConsole console)
    {
        var model = new Option<DirectoryInfo?>("--model")
        {
            Description = "A base model's folder, or one of a workload with hf in it; the packaged miniature by default. "
                + "PPO needs a tokenizer there and is left out without one.",
        };
        var defaults = new TrainingBenchmarkOptions();
        var sequences = Whole("--sequences", "Sequences of a supervised step.", defaults.Sequences);
        var length = Whole("--length", "Tokens of a sequence.", defaults.Length);
        var rank = Whole("--rank", "Rank of all adapters.", defaults.Rank);
        var steps = Whole("--steps", "Supervised steps measured; the best one counts.", defaults.MeasuredSteps);
        var ppoSteps = Whole(
            "--ppo-steps", "PPO steps measured; the best one counts; 0 for none.", new PpoBenchmarkOptions().MeasuredSteps);
        var threads = new Option<int?>("--threads") { Description = "Worker threads; all cores by default." };
        var json = SiloOptions.Json();
        var command = new Command(
            "train", "Training steps: all parameters, a LoRA adapter, and PPO with its shares of time; beside the peak of matrix products.")
        {
            model, sequences, length, rank, steps, ppoSteps, threads, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            async () =>
            {
                var folder = Folder(parsed.GetValue(model));
                var options = new TrainingBenchmarkOptions
                {
                    Sequences = parsed.GetValue(sequences),
                    Length = parsed.GetValue(length),
                    Rank = parsed.GetValue(rank),
                    MeasuredSteps = parsed.GetValue(steps),
                };
                using var backend = CpuBackend.Create(new CpuOptions { Threads = parsed.GetValue(threads) ?? 0 });
                var report = new Report(console, backend, folder, parsed.GetValue(json));
                using (var weights = ModelWeights.Load(folder, cancellation))
                {
                    report.Add(TrainingBenchmark.Lora(backend, weights, options, cancellation), cancellation);
                    report.Add(TrainingBenchmark.All(backend, weights, options, cancellation), cancellation);
                }

                var ppo = new PpoBenchmarkOptions { Rank = options.Rank, MeasuredSteps = parsed.GetValue(ppoSteps) };
                if (ppo.MeasuredSteps > 0 && report.CanSample())
                    report.Add(await PpoAsync(backend, folder, ppo, cancellation), cancellation);
                report.Finish();
                return SoupsTool.Success;
            },
            cancellation));
        return command;
    }

    private static async Task<PpoBenchmarkResult> PpoAsync(
        CpuBackend backend, string folder, PpoBenchmarkOptions options, CancellationToken cancellation)
    {
        await using var model = LearningModel.Load(folder, backend, cancellationToken: cancellation);
        RolloutPrompt[] prompts =
        [
            .. CorpusGenerator.Default.EvaluationQuestions().Select(q => CorpusGenerator.Question(q.Topic, q.Form))
                .Select(text => new RolloutPrompt(text, model.Format.Prompt(text))),
        ];
        return await PpoBenchmark.RunAsync(model, prompts, options, cancellation);
    }

    private static string Folder(DirectoryInfo? given)
    {
        if (given is null)
            return MiniatureFolder.Packaged.Base;
        var inside = Path.Combine(given.FullName, "hf");
        return Directory.Exists(inside) ? inside : given.FullName;
    }

    private static Option<int> Whole(string name, string description, int standard) =>
        new(name) { Description = description, DefaultValueFactory = _ => standard };

    /// <summary>Lines of JSON as results come, or a table of all at the end.</summary>
    private sealed class Report(IAnsiConsole console, CpuBackend backend, string folder, bool json)
    {
        private readonly Table table = ConsoleOutput.NewTable("Step", "Tokens/s", "Seconds", "GFLOP/s", "Of the peak");
        private readonly List<string> remarks = [];
        private double peak;

        public void Add(TrainingBenchmarkResult result, CancellationToken cancellation) =>
            Line(result.Step, result.TokensPerSecond, result.Seconds, result.GigaFlops, result, cancellation);

        public void Add(PpoBenchmarkResult result, CancellationToken cancellation)
        {
            Line("PPO", result.TokensPerSecond, result.Seconds, result.GigaFlops, result, cancellation);
            remarks.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"PPO: {result.Answers} answers of {(double)result.GeneratedTokens / result.Answers:F1} tokens; "
                + $"generation {result.GenerationShare:P0}, scoring {result.ScoringShare:P0}, update {result.UpdateShare:P0} of the time; "
                + $"{result.GeneratedTokens / result.GenerationSeconds:F0} tokens/s generated, "
                + $"{result.SequenceTokens / result.ScoringSeconds:F0} scored."));
        }

        public bool CanSample()
        {
            if (File.Exists(Path.Combine(folder, "tokenizer.json")))
                return true;
            remarks.Add("PPO: left out, the folder has no tokenizer.json.");
            return false;
        }

        public void Finish()
        {
            if (json)
                return;
            console.MarkupLineInterpolated($"{folder} on {backend.Name}");
            console.Write(table);
            foreach (var remark in remarks)
                console.MarkupLineInterpolated($"{remark}");
        }

        /// <summary>The peak is the best seen in this run, measured again beside every step.</summary>
        private void Line<T>(
            string step, double tokensPerSecond, double seconds, double gigaFlops, T result, CancellationToken cancellation)
        {
            peak = Math.Max(peak, TrainingBenchmark.PeakGigaFlops(backend.Threads, cancellation));
            if (json)
                console.Json(new { bench = "train", model = folder, backend = backend.Name, step, result, peakGigaFlops = peak });
            table.Line(
                step,
                tokensPerSecond.ToString("F0", CultureInfo.InvariantCulture),
                seconds.ToString("F3", CultureInfo.InvariantCulture),
                gigaFlops.ToString("F0", CultureInfo.InvariantCulture),
                (gigaFlops / peak).ToString("P0", CultureInfo.InvariantCulture));
        }
    }
}
