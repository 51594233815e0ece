using System.Globalization;
using System.Text.Json;
using SoupsActors.Reports;

namespace SoupsActors.Simulation.Study;

/// <summary>
/// Writes what a study found: <c>results.json</c> with options and results of every run, <c>report.md</c> and a picture
/// for each part. Equal studies give equal files.
/// </summary>
public static class StudyReport
{
    /// <summary>Writes the files into a folder, which is made where missing.</summary>
    /// <returns>Path of the report.</returns>
    public static string Write(
        string folder, SimulationOptions cluster, IReadOnlyList<StudyPart> parts, IReadOnlyList<SimulationRun> runs)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(parts);
        Directory.CreateDirectory(folder);
        File.WriteAllText(
            Path.Combine(folder, "results.json"), JsonSerializer.Serialize(runs, SimulationJson.Options) + "\n");
        var text = new MarkdownText();
        text.Heading(1, "Placement, simulated");
        text.Paragraph(About(cluster));
        foreach (var part in parts)
        {
            var of = runs.Where(run => run.Part == part.Name).ToArray();
            text.Heading(2, char.ToUpperInvariant(part.Name[0]) + part.Name[1..].Replace('-', ' '));
            text.Paragraph(part.Question);
            foreach (var plot in StudyPlots.Of(part, of))
            {
                File.WriteAllText(Path.Combine(folder, plot.File), plot.Svg);
                text.Picture(plot.File, plot.Caption);
            }

            text.Table(Columns(part), of.Select(Row));
        }

        text.Heading(2, "The cluster");
        text.Paragraph("What the parts do not vary. The same options give the same results, to the bit.");
        text.Paragraph($"```json\n{JsonSerializer.Serialize(cluster, SimulationJson.Options)}\n```");
        var path = Path.Combine(folder, "report.md");
        File.WriteAllText(path, text.ToString());
        return path;
    }

    private static string About(SimulationOptions of) => string.Create(
        CultureInfo.InvariantCulture,
        $"{of.Users:N0} users with {of.ExpertsPerMix} of {of.Experts:N0} experts each (Zipf exponent "
        + $"{of.ExpertExponent}), {of.Rate / of.Silos:G3} requests a second for each generator silo, prompts of "
        + $"{of.PromptTokens:G4} and answers of {of.AnswerTokens:G4} tokens on average. Times are in seconds; waits are "
        + $"from the request to a place in the batch. Imbalance is the busiest silo beside the average, over the whole "
        + $"time and (momentary) moment by moment.");

    private static string[] Columns(StudyPart part) =>
    [
        part.Unit, "policy", "answers/s", "refused", "wait p50", "wait p99", "first token p99", "answer p50", "answer p99",
        "misses", "MB/s per silo", "loads", "rows", "imbalance", "momentary", "device GB", "memory GB", "active users",
    ];

    private static string[] Row(SimulationRun run)
    {
        var r = run.Result;
        return
        [
            Text(run.Value, "G4"), PolicyNames.Of(run.Policy), Text(r.AnswersPerSecond, "F1"), Text(r.RefusedShare, "P1"),
            Text(r.Wait.P50, "F3"), Text(r.Wait.P99, "F2"), Text(r.FirstToken.P99, "F2"), Text(r.Answer.P50, "F2"),
            Text(r.Answer.P99, "F2"), Text(r.MissShare, "P1"), Text(r.BytesPerSecond / 1e6, "F1"), Text(r.LoadShare, "P1"),
            Text(r.MeanRows, "F1"), Text(r.Imbalance, "F2"), Text(r.MomentaryImbalance, "F2"),
            Text(r.DeviceBytes / 1e9, "F1"), Text(r.MemoryBytes / 1e9, "F1"), Text(r.ActiveUsers, "F0"),
        ];
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
