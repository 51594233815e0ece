using System.CommandLine;
using System.Globalization;
using SoupsActors.Cli.Output;
using SoupsActors.Miniature.Experiments;
using SoupsActors.Simulation;
using SoupsActors.Simulation.Study;
using Spectre.Console;

namespace SoupsActors.Cli.Commands;

/// <summary><c>soups simulate</c>: what a cluster would do that nobody has, and how far that can be believed.</summary>
internal static class SimulateCommand
{
    public static Command Create(IAnsiConsole console)
    {
        var cluster = new SimulateOptions();
        var study = new Option<bool>("--study")
        {
            Description = "Also vary slots, memory, miss cost, report period, queue limit and popularity.",
        };
        var output = new Option<DirectoryInfo?>("--out") { Description = "Folder for report, plots and results.json." };
        var calibrate = new Option<FileInfo?>("--calibrate")
        {
            Description = "Compare with a real cluster: {\"options\": {…}, \"measured\": {\"answer.p50\": 1.2, …}}. "
                + "The file says what the cluster is; other options are not looked at.",
        };
        var tolerance = new Option<double>("--tolerance")
        {
            Description = "Largest relative difference that --calibrate lets pass.",
            DefaultValueFactory = _ => 0.2,
        };
        var json = SiloOptions.Json();
        var command = new Command(
            "simulate",
            "Simulate placement and traffic of a cluster: users by the million, experts by the thousand.")
        {
            study, output, calibrate, tolerance, json,
        };
        cluster.AddTo(command);
        command.SetAction((parsed, cancellation) => parsed.GetValue(calibrate) is { } file
            ? Task.FromResult(
                Calibrate(console, file, parsed.GetValue(tolerance), parsed.GetValue(json), cancellation))
            : RunAsync(
                console,
                cluster,
                parsed,
                parsed.GetValue(study),
                parsed.GetValue(output)?.FullName,
                parsed.GetValue(json),
                cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        IAnsiConsole console,
        SimulateOptions cluster,
        ParseResult parsed,
        bool study,
        string? folder,
        bool json,
        CancellationToken cancellation)
    {
        var silos = cluster.Silos(parsed);
        // The study's other parts are of a cluster of middling size.
        var options = cluster.Cluster(parsed, (int)silos[silos.Length / 2]);
        StudyPart[] parts =
            [StudyPart.Silos(silos, cluster.Policies(parsed)), .. study ? StudyPart.Placement : []];
        IReadOnlyList<SimulationRun> runs = [];
        await (json ? RunPartsAsync(null) : ExperimentDisplay.RunAsync(console, shown => RunPartsAsync(new Shown(shown))));
        var report = folder is null ? null : StudyReport.Write(folder, options, parts, runs);
        if (json)
        {
            foreach (var run in runs)
                console.Json(new { run.Part, Policy = PolicyNames.Of(run.Policy), run.Value, run.Result });
            return SoupsTool.Success;
        }

        foreach (var part in parts)
        {
            var table = ConsoleOutput.NewTable(
                part.Unit, "Policy", "Answers/s", "Refused", "Wait p99", "Answer p50", "Answer p99", "Misses", "MB/s a silo",
                "Imbalance", "Rows");
            foreach (var run in runs.Where(r => r.Part == part.Name))
                Add(table, run);
            console.WriteLine(part.Question);
            console.Write(table);
        }

        if (report is not null)
            console.Raw($"Report: {report}\n");
        return SoupsTool.Success;

        Task RunPartsAsync(IProgress<StudyProgress>? progress) => Task.Run(
            () => runs = PlacementStudy.Run(options, parts, progress, cancellation), cancellation);
    }

    private static void Add(Table table, SimulationRun run)
    {
        var r = run.Result;
        table.Line(
            Number(run.Value, "G4"),
            PolicyNames.Of(run.Policy),
            Number(r.AnswersPerSecond, "F1"),
            Number(r.RefusedShare, "P1"),
            $"{Number(r.Wait.P99, "F2")} s",
            $"{Number(r.Answer.P50, "F2")} s",
            $"{Number(r.Answer.P99, "F2")} s",
            Number(r.MissShare, "P1"),
            Number(r.BytesPerSecond / 1e6, "F1"),
            Number(r.MomentaryImbalance, "F2"),
            Number(r.MeanRows, "F1"));
    }

    private static int Calibrate(
        IAnsiConsole console, FileInfo file, double tolerance, bool json, CancellationToken cancellation)
    {
        var calibration = Calibration.Read(file.FullName);
        var result = ClusterSimulation.Run(calibration.Options, cancellationToken: cancellation);
        var lines = calibration.Compare(result, tolerance);
        if (json)
        {
            console.Json(new { Tolerance = tolerance, Lines = lines, Result = result });
        }
        else
        {
            var table = ConsoleOutput.NewTable("Figure", "Measured", "Simulated", "Ratio", "Holds");
            foreach (var line in lines)
            {
                table.Line(
                    line.Metric,
                    Number(line.Measured, "G4"),
                    Number(line.Simulated, "G4"),
                    Number(line.Ratio, "F2"),
                    line.Holds ? "yes" : "no");
            }

            console.Write(table);
        }

        return lines.All(line => line.Holds) ? SoupsTool.Success : SoupsTool.Failure;
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private sealed class Shown(IProgress<ExperimentProgress> progress) : IProgress<StudyProgress>
    {
        public void Report(StudyProgress value) =>
            progress.Report(new ExperimentProgress(value.Part, (int)Math.Round(100 * value.Done), 100, value.Note));
    }
}
