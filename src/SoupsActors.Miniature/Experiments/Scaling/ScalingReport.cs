using System.Globalization;
using SoupsActors.Learning.Judging;
using SoupsActors.Miniature.Experiments.Answers;
using SoupsActors.Miniature.Experiments.Trainings;
using SoupsActors.Models.Experts;
using SoupsActors.Reports;
using static SoupsActors.Miniature.Experiments.Answers.Figures;

namespace SoupsActors.Miniature.Experiments.Scaling;

/// <summary>Turns what <see cref="ScalingExperiment"/> found into its report.</summary>
internal sealed class ScalingReport(
    ExperimentContext context,
    ScalingOptions options,
    IReadOnlyDictionary<string, string> before,
    IReadOnlyDictionary<string, string> after,
    IReadOnlyDictionary<string, Expert> experts,
    IReadOnlyList<string> added,
    AnswerSheets sheets,
    AnswerSheets early,
    IReadOnlyList<PairwiseTable> tables)
{
    private readonly ExperimentReport report = new();
    private readonly PairwiseTable all = PairwiseTable.Merge(tables);
    private readonly string[] combinations =
    [
        .. Preferences.AllCombinations.Select(c => string.Join(" + ", c.Select(p => p.Id)))
    ];

    public ExperimentReport Write()
    {
        WriteUntouched();
        WriteServed();
        WriteCost();
        return report;
    }

    private void WriteUntouched()
    {
        report.Heading("What the two trainings changed");
        var same = before.Count(b => after.GetValueOrDefault(b.Key) == b.Value);
        report.Check(
            "Base and the six other experts are the same bytes before and after.",
            same == before.Count && after.Count == before.Count,
            $"{same} of {before.Count} hashes equal");
        report.Table(
            ["file", "hash before", "hash after"],
            before.Select(b => (string[])[b.Key, b.Value[..16], after[b.Key][..16]]));
        report.Table(["new expert", "hash"], added.Select(id => (string[])[id, experts[id].Hash[..16]]));
        report.Result("hashes_before", before);
        report.Result("hashes_after", after);
        report.Result("new_experts", added.ToDictionary(id => id, id => experts[id].Hash));

        var old = Preferences.Combinations.Select(c => string.Join(" + ", c.Select(p => p.Id))).ToArray();
        var unchanged = Enumerable.Range(0, old.Length).Count(c => early.Texts("soup before", c)
            .SequenceEqual(sheets.Texts("soup", Array.IndexOf(combinations, old[c]))));
        report.Check(
            "Users of the eight old combinations get the very same answers as before.",
            unchanged == old.Length,
            $"{unchanged} of {old.Length} combinations");
    }

    private void WriteServed()
    {
        report.Heading("All sixteen combinations");
        var answered = Enumerable.Range(0, combinations.Length).Count(
            c => sheets.Texts("soup", c).All(a => a.Length > 0));
        report.Headline("combinations_served", answered);
        report.Check(
            "All 16 combinations are served.",
            answered == combinations.Length,
            $"{answered} of {combinations.Length} answered every question");
        var againstBase = all.Aggregated("soup", "base");
        var againstMorl = all.Aggregated("soup", "P-MORL");
        report.Headline("win_rate_against_base", Round(againstBase.WinRate));
        report.Headline("win_rate_against_morl", Round(againstMorl.WinRate));
        report.Text(
            $"Aggregated over all combinations the soup wins {Rate(againstBase)} against the base "
            + $"({Interval(againstBase.WinRateInterval)}) and {Rate(againstMorl)} against Prompted-MORL "
            + $"({Interval(againstMorl.WinRateInterval)}). W/T/L of the soup, win rates without ties.");
        report.Table(
            ["combination", "against base", "95 % interval", "against P-MORL", "95 % interval"],
            combinations.Select((name, c) =>
            {
                var (first, second) = (tables[c].Aggregated("soup", "base"), tables[c].Aggregated("soup", "P-MORL"));
                return (string[])[
                    name,
                    Rate(first),
                    Interval(first.WinRateInterval),
                    Rate(second),
                    Interval(second.WinRateInterval),
                ];
            }));
        report.Plot("sixteen", "Aggregated win rate of the soup, with Wilson's 95 % intervals", new BarPlot(
            "Aggregated win rate of the soup on 16 combinations",
            combinations,
            new PlotAxis("win rate in %", 0, 100),
            [
                new BarSeries("against base", [.. tables.Select(t => Bar(t.Aggregated("soup", "base")))]),
                new BarSeries("against P-MORL", [.. tables.Select(t => Bar(t.Aggregated("soup", "P-MORL")))]),
            ])
        { Guide = 50 }.ToSvg());
        report.Result("combinations", tables.Select((t, i) => new
        {
            Combination = combinations[i],
            Cells = t.Cells.Select(c => $"{c.Method} : {c.Opponent} : {c.Criterion ?? "aggregated"} {c.Result}"),
        }));
    }

    private void WriteCost()
    {
        report.Heading("What two more preferences cost");
        var soups = added.Select(id => Cost($"train-{id}")).ToArray();
        report.Headline("trainings", added.Count);
        report.Table(
            ["", "soups", "Prompted-MORL"],
            [
                ["trainings for 6 preferences, 8 combinations", "6", "1"],
                ["more trainings for 8 preferences, 16 combinations", $"{added.Count}", "1, the whole of it again"],
                ["steps of these trainings", $"{added.Count} × {options.Expert.Steps}", $"{options.Morl.Steps}"],
                ["answers sampled", $"{added.Count} × {Answers(options.Expert)}", $"{Answers(options.Morl)}"],
                [
                    "CPU seconds here",
                    string.Join(" + ", soups.Select(s => Number(s, "F0"))),
                    Number(Cost("train-morl"), "F0"),
                ],
                ["reward models needed", "8, one a preference", "8, one a preference"],
                ["policies to keep", "8 experts", "1, which replaces the former"],
                ["answers of users who did not ask for the new", "the same bits", "change with the policy"],
            ]);
        report.Text(
            "Trainings that soups need grow with the number of preferences; the combinations that a prompted "
            + "policy must learn to tell apart are the product over the dimensions. Counted, not measured:");
        var poles = Enumerable.Range(2, 9).ToArray();
        report.Plot("growth", "Trainings of soups, and combinations that Prompted-MORL must cover", new LinePlot(
            "More poles in each of three dimensions",
            new PlotAxis("poles in each dimension"),
            new PlotAxis("count"),
            [
                new PlotSeries("experts to train", [.. poles.Select(p => new PlotPoint(p, 3 * p))]),
                new PlotSeries("combinations to cover", [.. poles.Select(p => new PlotPoint(p, p * p * p))]),
            ]).ToSvg());
    }

    private double Cost(string stage) => context.Costs.Single(c => c.Stage == stage).CpuSeconds;

    private static string Answers(PolicyTrainingOptions run) =>
        (run.Steps * run.Prompts * run.Samples).ToString(CultureInfo.InvariantCulture);
}
