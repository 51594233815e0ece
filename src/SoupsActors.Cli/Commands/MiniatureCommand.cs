using System.CommandLine;
using SoupsActors.Cli.Output;
using SoupsActors.Miniature.Corpus;
using SoupsActors.Miniature.Judges;
using SoupsActors.Miniature.Recipe;
using SoupsActors.Tensors.Cpu;
using Spectre.Console;
using MiniaturePreferences = SoupsActors.Miniature.Preferences;

namespace SoupsActors.Cli.Commands;

/// <summary><c>soups miniature build|evaluate|sample</c>.</summary>
internal static class MiniatureCommand
{
    public static Command Create(IAnsiConsole console) =>
        new("miniature", "Build, judge and look at the small model and experts that come with the product.")
        {
            Build(console),
            Evaluate(console),
            Sample(console),
        };

    private static Command Build(IAnsiConsole console)
    {
        var output = new Option<DirectoryInfo>("--out")
        {
            Description = "Folder for the model and its experts. A build that was stopped goes on there.",
            Required = true,
        };
        var baseSteps = new Option<int>("--base-steps")
        {
            Description = "Training steps of the base model.",
            DefaultValueFactory = _ => new MiniatureRecipe().BaseSteps,
        };
        var policySteps = new Option<int>("--policy-steps")
        {
            Description = "PPO steps of each expert.",
            DefaultValueFactory = _ => new MiniatureRecipe().PolicySteps,
        };
        var threads = Threads();
        var command = new Command("build", "Train tokenizer, base model, reward models and experts from the corpus alone.")
        {
            output, baseSteps, policySteps, threads,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            async () =>
            {
                using var backend = CpuBackend.Create(new CpuOptions { Threads = parsed.GetValue(threads) ?? 0 });
                var recipe = new MiniatureRecipe
                {
                    BaseSteps = parsed.GetValue(baseSteps),
                    PolicySteps = parsed.GetValue(policySteps),
                };
                var folder = new MiniatureFolder(parsed.GetRequiredValue(output).FullName);
                await BuildDisplay.RunAsync(
                    console, progress => new MiniatureBuilder(backend, recipe, folder).BuildAsync(progress, cancellation));
                console.MarkupLineInterpolated($"Built {folder.Root}; what the judges say is in {folder.Report}");
                return SoupsTool.Success;
            },
            cancellation));
        return command;
    }

    private static Command Evaluate(IAnsiConsole console)
    {
        var folder = Model();
        var threads = Threads();
        var temperature = new Option<float>("--temperature") { Description = "0 always takes the likeliest token." };
        var report = new Option<FileInfo?>("--out") { Description = "Also write the table to this Markdown file." };
        var json = SiloOptions.Json();
        var command = new Command("evaluate", "Ask the held-out questions in every style and count what the judges say.")
        {
            folder, threads, temperature, report, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var backend = CpuBackend.Create(new CpuOptions { Threads = parsed.GetValue(threads) ?? 0 });
            await using var model = MiniatureModel.Load(backend, Folder(parsed.GetValue(folder)));
            model.Temperature = parsed.GetValue(temperature);
            var results = await new MiniatureEvaluation(CorpusGenerator.Default, JudgePanel.Default)
                .RunAsync(model.AnswerAsync, cancellation);
            var table = MiniatureEvaluation.ToMarkdown(results);
            if (parsed.GetValue(report) is { } file)
                await File.WriteAllTextAsync(file.FullName, table, cancellation);
            if (parsed.GetValue(json))
            {
                foreach (var result in results)
                    console.Json(result);
            }
            else
            {
                console.Raw(table);
            }

            return SoupsTool.Success;
        });
        return command;
    }

    private static Command Sample(IAnsiConsole console)
    {
        var folder = Model();
        var question = new Argument<string>("question") { Description = "What to ask in every style." };
        var command = new Command("sample", "Answer one question in all eight combinations of preferences.") { question, folder };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var backend = CpuBackend.Create(new CpuOptions());
            await using var model = MiniatureModel.Load(backend, Folder(parsed.GetValue(folder)));
            foreach (var combination in MiniaturePreferences.Combinations.Prepend([]))
            {
                var mix = combination.ToDictionary(p => p.Id, _ => 1f);
                console.MarkupLineInterpolated($"[bold]{(mix.Count == 0 ? "base" : string.Join(" + ", combination))}[/]");
                console.WriteLine(await model.AnswerAsync(parsed.GetRequiredValue(question), mix, cancellation));
            }

            return SoupsTool.Success;
        });
        return command;
    }

    internal static Option<DirectoryInfo?> Model() => new("--model")
    {
        Description = "Folder of a miniature; the packaged one by default.",
    };

    internal static Option<int?> Threads() => new("--threads") { Description = "Worker threads; all cores by default." };

    internal static MiniatureFolder Folder(DirectoryInfo? folder)
    {
        var miniature = folder is null ? MiniatureFolder.Packaged : new MiniatureFolder(folder.FullName);
        return miniature.IsComplete
            ? miniature
            : throw new InvalidOperationException(
                $"{miniature.Root} holds no complete miniature. Build one: soups miniature build --out {miniature.Root}");
    }
}
