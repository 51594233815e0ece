using SoupsActors.Learning.Rewards;
using SoupsActors.Reports;

namespace SoupsActors.Miniature.Experiments.Overoptimisation;

/// <summary>Writes what the experiment found.</summary>
internal sealed class OveroptimisationReport
{
    private readonly ExperimentReport report = new();
    private readonly OveroptimisationSettings settings;

    public OveroptimisationReport(
        OveroptimisationSettings settings, NoisyComparisons comparisons, IReadOnlyList<RewardCard> members)
    {
        this.settings = settings;
        report.Heading("Reward models");
        report.Text(
            $"{comparisons.Training.Count} comparisons of the base's answers by the mean of "
            + $"{string.Join(", ", settings.Criteria)}, {comparisons.WrongLabels} of them labelled wrong; "
            + $"{comparisons.HeldOut.Count} with right labels held out.");
        report.Table(
            ["member", "accuracy on its noisy labels %", "held-out accuracy %", "held-out ECE"],
            members.Select((card, m) => (IReadOnlyList<string>)
            [
                $"{m}",
                $"{100 * card.TrainingAccuracy ?? 0:F1}",
                $"{100 * card.HeldOutAccuracy ?? 0:F1}",
                $"{card.HeldOutCalibrationError ?? 0:F3}",
            ]));
        report.Result(
            "members",
            members.Select(c => new { c.TrainingAccuracy, c.HeldOutAccuracy, c.HeldOutCalibrationError }));
    }

    /// <summary>Best-of-n.</summary>
    public void Write(IReadOnlyList<ScoredPool> pools)
    {
        var curves = SelectionCurve.Of(pools, settings.SelectionPenalty);
        var largest = curves[0].N[^1];
        report.Heading($"Best of n, n up to {largest}");
        report.Text(
            $"{pools.Count} held-out questions, {pools[0].Gold.Length} answers each "
            + $"({pools.Average(p => p.Distinct):F0} distinct in the mean). Gold score of the chosen answer in "
            + "standard deviations of the base ± standard error over the questions; "
            + $"λ = {settings.SelectionPenalty}.");
        int[] shown = [.. Enumerable.Range(0, curves[0].N.Count).Where(i => i % 2 == 0 || i == curves[0].N.Count - 1)];
        report.Table(
            ["objective", .. shown.Select(i => $"n = {curves[0].N[i]}"), "best", "drop from best"],
            curves.Select(c => (IReadOnlyList<string>)
            [
                c.Objective,
                .. shown.Select(i => $"{c.Gold[i]:F2} ± {c.GoldError[i]:F2}"),
                $"{c.Gold.Max():F2}",
                $"{c.Drop:F2}",
            ]));
        var plot = new LinePlot(
            "Best of n",
            new PlotAxis("n") { Logarithmic = true },
            new PlotAxis("standard deviations of the base"),
            [
                .. curves.Select(c => new PlotSeries(c.Objective, [.. c.N.Select((n, i) =>
                    new PlotPoint(n, c.Gold[i], c.Gold[i] - c.GoldError[i], c.Gold[i] + c.GoldError[i]))])),
                .. curves.Take(1).Select(c => new PlotSeries(
                    $"{c.Objective}: its own score", [.. c.N.Select((n, i) => new PlotPoint(n, c.Proxy[i]))])
                {
                    Dashed = true,
                    Markers = false,
                }),
            ]);
        report.Plot(
            "best-of-n", "Gold score of best-of-n by objective; dashed: the objective's own score", plot.ToSvg());
        report.Result("best_of_n", curves);
        foreach (var curve in curves)
            report.Headline($"bon_gold_{Key(curve.Objective)}", Math.Round(curve.Gold[^1], 3));
        var single = curves.Single(c => c.Objective == SelectionCurve.Single);
        foreach (var name in new[] { SelectionCurve.WorstCase, SelectionCurve.Uncertainty })
        {
            var curve = curves.Single(c => c.Objective == name);
            report.Check(
                $"At n = {largest} the answer chosen by {name} has a higher gold score than that of a single model.",
                curve.Gold[^1] > single.Gold[^1],
                $"{curve.Gold[^1]:F2} against {single.Gold[^1]:F2}; drop from the best n {curve.Drop:F2} against "
                + $"{single.Drop:F2}");
        }
    }

    /// <summary>PPO.</summary>
    public void Write(IReadOnlyList<PolicyCurve> curves)
    {
        report.Heading("PPO");
        report.Text(
            $"{settings.PolicySteps} steps of {settings.PolicyBatch} answers from the base on; numbers are means of "
            + $"the last steps. λ = {settings.PolicyPenalty}. The single model is member 0, which every critic starts "
            + "from.");
        report.Table(
            ["objective", "KL coefficient", "reward", "gold", "gold at its best", "drop from best", "KL per answer"],
            curves.Select(c => (IReadOnlyList<string>)
            [
                c.Objective,
                $"{c.KlCoefficient}",
                $"{c.FinalProxy:F2}",
                $"{c.FinalGold:F2}",
                $"{c.PeakGold:F2}",
                $"{c.PeakGold - c.FinalGold:F2}",
                $"{c.FinalKl:F1}",
            ]));
        foreach (var group in curves.GroupBy(c => c.KlCoefficient))
        {
            report.Plot($"ppo-{group.Key}", $"PPO at a KL coefficient of {group.Key}", new LinePlot(
                $"PPO, KL coefficient {group.Key}",
                new PlotAxis("KL from the base, nats per answer"),
                new PlotAxis("gold score, standard deviations of the base"),
                [
                    .. group.Select(c => new PlotSeries(
                        c.Objective,
                        [.. c.Steps.OrderBy(s => s.Step).Select(s => new PlotPoint(s.Kl, s.Gold))])
                    {
                        Markers = false,
                    }),
                ]).ToSvg());
        }

        report.Result("ppo", curves);
        foreach (var group in curves.GroupBy(c => c.Objective))
            report.Headline($"ppo_gold_{Key(group.Key)}", Math.Round(group.First().FinalGold, 3));
    }

    public ExperimentReport Finish() => report;

    private static string Key(string objective) => objective.ToLowerInvariant().Replace(' ', '_');
}
