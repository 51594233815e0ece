using System.Globalization;
using SoupsActors.Learning.Rewards;
using SoupsActors.Reports;

namespace SoupsActors.Miniature.Experiments.More;

/// <summary>A mean with its standard error.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="StandardError">Of the mean; 0 for a single number.</param>
internal sealed record Estimate(double Mean, double StandardError)
{
    public static Estimate Of(IEnumerable<double> numbers)
    {
        var all = numbers.ToArray();
        var mean = all.Average();
        var variance = all.Length < 2 ? 0 : all.Sum(n => (n - mean) * (n - mean)) / (all.Length - 1);
        return new Estimate(mean, Math.Sqrt(variance / all.Length));
    }

    public PlotPoint Bar(int index) => new(index, Mean, Mean - 2 * StandardError, Mean + 2 * StandardError);

    public string Format(double factor, string format) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(factor * Mean).ToString(format, CultureInfo.InvariantCulture)} ± {(factor * StandardError).ToString(format, CultureInfo.InvariantCulture)}");
}

/// <summary>A scheme over all problems and tests.</summary>
internal sealed record SchemeSummary(
    string Scheme,
    Estimate Accuracy,
    Estimate CalibrationError,
    Estimate CalibrationError5,
    Estimate CalibrationError20,
    Estimate Gap)
{
    /// <summary>The bins of all problems and tests together; null where one of them has none.</summary>
    public IReadOnlyList<CalibrationBin>? Bins { get; private init; }

    /// <summary>Sums results up by scheme, in the order in which schemes come first.</summary>
    public static IReadOnlyList<SchemeSummary> Of(IReadOnlyList<SchemeResult> results) =>
    [
        .. results.GroupBy(r => r.Scheme).Select(g => new SchemeSummary(
            g.Key,
            Estimate.Of(g.Select(r => r.Accuracy)),
            Estimate.Of(g.Select(r => r.CalibrationError)),
            Estimate.Of(g.Select(r => r.CalibrationError5)),
            Estimate.Of(g.Select(r => r.CalibrationError20)),
            Estimate.Of(g.Select(r => r.MeanAbsoluteGap)))
        {
            Bins = g.All(r => r.Bins is not null) ? CalibrationBin.Pool([.. g.Select(r => r.Bins!)]) : null,
        }),
    ];

    /// <summary>Accuracy against confidence for each bin of some schemes, with the diagonal that all should lie on.</summary>
    public static void PlotReliability(ExperimentReport report, string name, params SchemeSummary[] shown)
    {
        if (shown.Any(s => s.Bins is null))
            return;
        var diagonal = new PlotSeries("perfectly calibrated", [new PlotPoint(0, 0), new PlotPoint(1, 1)])
        {
            Markers = false,
            Dashed = true,
        };
        var plot = new LinePlot(
            "Reliability diagram, 10 bins",
            new PlotAxis("confidence: predicted probability", Low: 0, High: 1),
            new PlotAxis("accuracy: share that came true", Low: 0, High: 1),
            [
                .. shown.Select(s => new PlotSeries(s.Scheme, [.. s.Bins!.Where(b => b.Count > 0)
                    .Select(b => new PlotPoint(b.Confidence, b.Accuracy))])),
                diagonal,
            ]);
        report.Plot(name, "Reliability of " + string.Join(" and ", shown.Select(s => s.Scheme)), plot.ToSvg());
    }

    public static void Write(ExperimentReport report, IEnumerable<SchemeSummary> summaries) => report.Table(
        ["scheme", "accuracy %", "ECE (10 bins)", "ECE (5)", "ECE (20)", "mean |Δr|"],
        summaries.Select(s => (IReadOnlyList<string>)
        [
            s.Scheme,
            s.Accuracy.Format(100, "F1"),
            s.CalibrationError.Format(1, "F4"),
            s.CalibrationError5.Format(1, "F4"),
            s.CalibrationError20.Format(1, "F4"),
            s.Gap.Format(1, "F3"),
        ]));
}
