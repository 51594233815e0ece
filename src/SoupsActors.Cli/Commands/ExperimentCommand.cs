using System.CommandLine;
using SoupsActors.Cli.Output;
using SoupsActors.Miniature.Experiments;
using SoupsActors.Tensors.Cpu;
using Spectre.Console;

namespace SoupsActors.Cli.Commands;

/// <summary><c>soups experiment NAME</c>: the papers' experiments in miniature, each with a report.</summary>
internal static class ExperimentCommand
{
    public static Command Create(IAnsiConsole console)
    {
        var command = new Command(
            "experiment",
            "Run one of the papers' experiments on the miniature and write a report. A stopped run goes on.");
        foreach (var experiment in ExperimentCatalog.All)
            command.Subcommands.Add(Create(experiment, console));
        return command;
    }

    internal static Command Create(IExperiment experiment, IAnsiConsole console)
    {
        var output = new Option<DirectoryInfo>("--out")
        {
            Description = "Folder for the report. A run that was stopped goes on there.",
            Required = true,
        };
        var quick = new Option<bool>("--quick") { Description = "Fewer steps and prompts: minutes in place of hours." };
        var seed = new Option<int>("--seed")
        {
            Description = "Seed of everything random.",
            DefaultValueFactory = _ => 1,
        };
        var model = MiniatureCommand.Model();
        var threads = MiniatureCommand.Threads();
        var json = new Option<bool>("--json") { Description = "End with a summary as one line of JSON." };
        var data = new Option<DirectoryInfo>("--data") { Description = experiment.DataDescription };
        var command = new Command(experiment.Name, experiment.Description)
        {
            output, quick, seed, model, threads, json,
        };
        if (experiment.DataDescription is not null)
            command.Options.Add(data);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var backend = CpuBackend.Create(new CpuOptions { Threads = parsed.GetValue(threads) ?? 0 });
            var request = new ExperimentRequest(
                parsed.GetRequiredValue(output).FullName,
                parsed.GetValue(quick),
                parsed.GetValue(seed),
                MiniatureCommand.Folder(parsed.GetValue(model)))
            {
                Data = experiment.DataDescription is null ? null : parsed.GetValue(data)?.FullName,
            };
            ExperimentSummary? summary = null;
            await ExperimentDisplay.RunAsync(console, async progress =>
                summary = await ExperimentRunner.RunAsync(experiment, request, backend, progress, cancellation));
            if (parsed.GetValue(json))
                console.Json(summary);
            else
                Print(console, summary!);
            return SoupsTool.Success;
        });
        return command;
    }

    private static void Print(IAnsiConsole console, ExperimentSummary summary)
    {
        if (summary.Checks.Count > 0)
        {
            var table = ConsoleOutput.NewTable("Claim", "Holds", "Found");
            foreach (var check in summary.Checks)
                table.Line(check.Claim, check.Holds ? "yes" : "no", check.Found);
            console.Write(table);
        }

        console.Raw($"Report: {summary.Report}\n");
    }
}
