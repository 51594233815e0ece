using System.Globalization;
using System.Text;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Training;
using SoupsActors.Reports;

namespace SoupsActors.Miniature.Recipe;

/// <summary>What a built miniature is, in one page.</summary>
public static class MiniatureReport
{
    /// <summary>Reward models, trainings and the judges' table as Markdown.</summary>
    public static string ToMarkdown(MiniatureFolder folder, IEnumerable<CombinationResult> results)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var page = new StringBuilder()
            .AppendLine("# The miniature")
            .AppendLine()
            .AppendLine("Everything here is measured on a model of three million parameters by programmatic judges; no claim")
            .AppendLine("about human or large-model judges follows from it.")
            .AppendLine()
            .AppendLine("## Reward models and experts")
            .AppendLine()
            .AppendLine("Pair accuracy and calibration error of the reward models on held-out topics; then PPO, from its first")
            .AppendLine("step to its last: reward, share of answers that meet the criterion (gold), KL from the base.")
            .AppendLine()
            .AppendLine("| preference | pairs | accuracy % | ECE | reward | gold % | KL per token |")
            .AppendLine("|---|---|---|---|---|---|---|");
        foreach (var preference in Preferences.All)
        {
            var card = RewardModel.ReadCard(folder.Reward(preference.Id));
            var curve = MetricLog.Read(folder.Curve(preference.Id));
            var (first, last) = (curve[0], curve[^1]);
            page.AppendLine(CultureInfo.InvariantCulture,
                $"| {preference} | {card.HeldOutPairs} | {100 * card.HeldOutAccuracy:F1} | {card.HeldOutCalibrationError:F3} "
                + $"| {first[MetricNames.Scores]:F2} → {last[MetricNames.Scores]:F2} "
                + $"| {100 * first[MetricNames.Gold]:F0} → {100 * last[MetricNames.Gold]:F0} | {last[MetricNames.KlPerToken]:F3} |");
        }

        return page.AppendLine()
            .AppendLine("![Answers that meet the criterion](curves/gold.svg)")
            .AppendLine()
            .AppendLine("![Reward](curves/reward.svg)")
            .AppendLine()
            .AppendLine("## Held-out questions")
            .AppendLine()
            .Append(MiniatureEvaluation.ToMarkdown(results))
            .ToString();
    }

    /// <summary>Draws reward and gold of every expert's training beside the curves' numbers.</summary>
    public static void DrawCurves(MiniatureFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        Draw("gold.svg", "Answers that meet the criterion, by the judges", "share", MetricNames.Gold);
        Draw("reward.svg", "Reward, by the learnt reward models", "standard deviations", MetricNames.Scores);

        void Draw(string file, string title, string unit, string metric)
        {
            var series = Preferences.All.Select(preference =>
            {
                var steps = MetricLog.Read(folder.Curve(preference.Id));
                var points = steps.Select(m => new PlotPoint(m.Step, m[metric])).ToArray();
                return new PlotSeries(preference.ToString(), points) { Markers = false };
            });
            var plot = new LinePlot(title, new PlotAxis("PPO step"), new PlotAxis(unit), [.. series]);
            File.WriteAllText(Path.Combine(Path.GetDirectoryName(folder.Curve("P1A"))!, file), plot.ToSvg());
        }
    }
}
