using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using SoupsActors.Models.Files;
using SoupsActors.Reports;

namespace SoupsActors.Miniature.Experiments;

/// <summary>
/// Writes what an experiment leaves: <c>results.json</c> (the same for equal runs), <c>run.json</c> (machine and
/// times),
/// <c>report.md</c> and its pictures.
/// </summary>
internal static class ReportFiles
{
    /// <returns>Path of the report.</returns>
    public static string Write(
        string folder, IExperiment experiment, RunCard card, ExperimentReport report, IReadOnlyList<StageCost> costs)
    {
        Json("results.json", new { card.Experiment, card.Quick, card.Seed, report.Checks, report.Results });
        Json("run.json", new { Machine = Machine(), card.Threads, Stages = costs });
        foreach (var (name, svg) in report.Plots)
            Text(name, svg);
        Text("report.md", Markdown(experiment, card, report, costs));
        return Path.Combine(folder, "report.md");

        void Json(string name, object value) =>
            AtomicFile.Write(
                Path.Combine(folder, name), JsonSerializer.SerializeToUtf8Bytes(value, ExperimentJson.Options));

        void Text(string name, string content) =>
            AtomicFile.Write(Path.Combine(folder, name), Encoding.UTF8.GetBytes(content));
    }

    private static string Markdown(
        IExperiment experiment, RunCard card, ExperimentReport report, IReadOnlyList<StageCost> costs)
    {
        var text = new MarkdownText();
        text.Heading(1, $"Experiment {experiment.Name}");
        text.Paragraph(experiment.Description);
        text.Paragraph($"**Measured.** {experiment.Measured}");
        text.Paragraph($"**Not claimed.** {experiment.NotClaimed}");
        if (card.Quick)
        {
            text.Paragraph(
                "**This is the quick form**: fewer steps, prompts or answers than the full one has; see the settings.");
        }

        if (report.Checks.Count > 0)
        {
            text.Heading(2, "What it shows");
            text.Table(
                ["claim", "holds", "found"],
                report.Checks.Select(c => (string[])[c.Claim, c.Holds ? "yes" : "no", c.Found]));
        }

        text.Paragraph(report.Body.Trim('\n'));
        text.Heading(2, "Settings");
        text.Paragraph(
            $"Seed {card.Seed}, {card.Threads} threads, miniature `{card.Miniature}`. The same seed, settings and "
            + "thread count give the same `results.json`.");
        text.Paragraph($"```json\n{card.Settings?.ToJsonString(ExperimentJson.Options)}\n```");
        text.Heading(2, "Cost");
        text.Paragraph(
            $"{Machine()}. Processor time is that of the whole process while the stage ran, all threads together, "
            + "the parts of stopped runs included; a run that was killed rather than stopped loses the time since "
            + "its stage began.");
        text.Table(["stage", "CPU seconds", "seconds"], costs
            .Append(new StageCost("all", costs.Sum(c => c.CpuSeconds), costs.Sum(c => c.WallSeconds)))
            .Select(c => (string[])[c.Stage, Seconds(c.CpuSeconds), Seconds(c.WallSeconds)]));
        return text.ToString();

        static string Seconds(double value) => value.ToString("F1", CultureInfo.InvariantCulture);
    }

    private static string Machine() =>
        $"{Environment.ProcessorCount} logical cores, {RuntimeInformation.ProcessArchitecture}, "
        + $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.FrameworkDescription}";
}
