using SoupsActors.Learning.Rewards;
using static SoupsActors.Miniature.Experiments.Answers.Figures;

namespace SoupsActors.Miniature.Experiments.More;

/// <summary>One data set under one scheme: means over all problems.</summary>
/// <param name="Scheme">Name of the scheme.</param>
/// <param name="Source">Name of the data set.</param>
/// <param name="Accuracy">Share of its comparisons ordered as labelled.</param>
/// <param name="CalibrationError">10 bins, both orders.</param>
/// <param name="Mean">Mean reward of its answers.</param>
/// <param name="StandardDeviation">Standard deviation of the rewards.</param>
/// <param name="Quantiles">At the levels of <see cref="Distribution.Levels"/>.</param>
internal sealed record SourceSummary(
    string Scheme,
    string Source,
    double Accuracy,
    double CalibrationError,
    double Mean,
    double StandardDeviation,
    IReadOnlyList<double> Quantiles)
{
    /// <summary>Sums up by scheme and data set, in the order in which they come first.</summary>
    public static IReadOnlyList<SourceSummary> Of(IEnumerable<ProblemResult> problems, IReadOnlyList<string> names) =>
    [
        .. problems.SelectMany(p => p.Sources).GroupBy(s => (s.Scheme, s.Source)).Select(g => new SourceSummary(
            g.Key.Scheme,
            names[g.Key.Source],
            g.Average(s => s.Accuracy),
            g.Average(s => s.CalibrationError),
            g.Average(s => s.Scores.Mean),
            g.Average(s => s.Scores.StandardDeviation),
            [.. Distribution.Levels.Select((_, q) => g.Average(s => s.Scores.Quantiles[q]))])),
    ];

    /// <summary>A table of some schemes, and all of them as a result.</summary>
    public static void Write(
        ExperimentReport report,
        string name,
        IReadOnlyList<ProblemResult> problems,
        IReadOnlyList<string> names,
        IReadOnlyList<string> shown)
    {
        var summaries = Of(problems, names);
        if (summaries.Count == 0)
            return;
        report.Result(name, summaries);
        report.Subheading("Rewards by data set");
        report.Text(
            "The comparisons that were learnt from, by data set: how the reward orders them, and how it is distributed "
            + "over their answers (mean, standard deviation and quantiles, means over the problems).");
        report.Table(
            [
                "scheme", "data set", "accuracy %", "ECE (10 bins)", "mean", "deviation",
                .. Distribution.Levels.Select(level => $"{Number(100 * level, "F0")} %"),
            ],
            summaries.Where(s => shown.Contains(s.Scheme)).Select(s => (IReadOnlyList<string>)
            [
                s.Scheme,
                s.Source,
                Number(100 * s.Accuracy, "F1"),
                Number(s.CalibrationError, "F4"),
                Number(s.Mean, "F3"),
                Number(s.StandardDeviation, "F3"),
                .. s.Quantiles.Select(q => Number(q, "F2")),
            ]));
    }
}
