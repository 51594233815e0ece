using SoupsActors.Reports;

namespace SoupsActors.Simulation.Study;

/// <summary>A picture of a report.</summary>
/// <param name="File">File name.</param>
/// <param name="Caption">What it shows.</param>
/// <param name="Svg">The picture.</param>
internal sealed record StudyPlot(string File, string Caption, string Svg);

/// <summary>What the parts of a study are drawn as: how long answers take, and what moves.</summary>
internal static class StudyPlots
{
    public static IEnumerable<StudyPlot> Of(StudyPart part, IReadOnlyList<SimulationRun> runs)
    {
        yield return Plot(
            part, runs, "time", "99th percentile of the time to a whole answer, seconds", r => r.Answer.P99);
        yield return Plot(part, runs, "bytes", "Megabytes a second over the network to a silo", r => r.BytesPerSecond / 1e6);
    }

    private static StudyPlot Plot(
        StudyPart part, IReadOnlyList<SimulationRun> runs, string what, string title, Func<SimulationResult, double> of)
    {
        var doubling = part.Values.All(v => v > 0) && part.Values.Max() > 8 * part.Values.Min();
        var series = part.Policies.Select(policy => new PlotSeries(
            PolicyNames.Of(policy),
            [.. runs.Where(r => r.Policy == policy).Select(r => new PlotPoint(r.Value, of(r.Result)))]));
        var values = runs.Select(r => of(r.Result)).Where(v => v > 0).DefaultIfEmpty(1).ToArray();
        var svg = new LinePlot(
            title,
            new PlotAxis(part.Unit) { Logarithmic = doubling },
            new PlotAxis(title.Split(',')[^1].Trim()) { Logarithmic = values.Max() > 20 * values.Min() },
            [.. series]).ToSvg();
        return new StudyPlot($"{part.Name}-{what}.svg", title, svg);
    }
}
