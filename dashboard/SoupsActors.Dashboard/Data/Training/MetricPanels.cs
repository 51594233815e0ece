using SoupsActors.Dashboard.Shared;
using SoupsActors.Trainings;

namespace SoupsActors.Dashboard.Data.Training;

/// <summary>One chart of a training.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Unit">Unit of its values, as in <see cref="Numbers.Split"/>.</param>
/// <param name="Series">Measured lines and bounds.</param>
/// <param name="Steps">End of the x axis.</param>
/// <param name="Note">What exactly is measured, where the title does not say; null otherwise.</param>
public sealed record MetricPanel(
    string Title, string Unit, IReadOnlyList<ChartSeries> Series, int Steps, string? Note = null);

/// <summary>Which charts a training has, by the names under which its metrics are logged.</summary>
public static class MetricPanels
{
    /// <summary>The charts of the reward model's training.</summary>
    public static IReadOnlyList<MetricPanel> OfReward(TrainingStatus training, MetricHistory history)
    {
        ArgumentNullException.ThrowIfNull(training);
        var draw = new Drawing(history, TrainingPhase.RewardModel, training.Request.RewardSteps);
        return
        [
            draw.Panel("Pairs of the batch ordered rightly", "share", [("accuracy", "accuracy")], ("chance", 0.5)),
            draw.Panel("Loss", "nats", [("loss", "loss")], ("knowing nothing", Math.Log(2))),
            draw.Panel("Margin between the better and the other answer", "", [("margin", "margin")]),
            draw.Panel("Calibration error (ECE)", "", [("calibration_error", "training pairs")],
                training.Reward?.Metrics.TryGetValue("calibration_error", out var heldOut) == true
                    ? ("held-out pairs, at the end", heldOut)
                    : null,
                note: "Over the last few hundred pairs of the training, each scored before the step that learnt from "
                    + "it; 0 is perfect, and chance alone makes some hundredths. It begins once there are enough pairs."),
        ];
    }

    /// <summary>The charts of the policy's training.</summary>
    public static IReadOnlyList<MetricPanel> OfPolicy(TrainingStatus training, MetricHistory history)
    {
        ArgumentNullException.ThrowIfNull(training);
        var asked = training.Request;
        var draw = new Drawing(history, TrainingPhase.Policy, asked.Steps);
        return asked.Method == TrainingMethod.Dpo
            ?
            [
                draw.Panel("Pairs ordered rightly by the policy", "share",
                    [("rewards/accuracies", "accuracy")], ("chance", 0.5)),
                draw.Panel("Implicit reward", "nats",
                    [("rewards/chosen", "chosen"), ("rewards/rejected", "rejected"), ("rewards/margins", "margin")]),
                draw.Panel("Loss", "nats", [("loss", "loss")]),
                draw.Panel("Log-probability of the answers", "nats",
                    [("logps/chosen", "chosen"), ("logps/rejected", "rejected")], optional: true),
                draw.Panel("Drop of the chosen answers, per token", "nats",
                    [("logps/chosen_drop", "drop")], draw.Last("logps/chosen_drop_bound", "bound"), optional: true,
                    note: "How much less likely than in the base, in log-probability; negative where they have become "
                        + "likelier. Measured on the comparisons’ own answers, so it is no KL. Above its bound the "
                        + "training stops."),
            ]
            :
            [
                draw.Panel("Reward", "", [("objective/scores", "reward")]),
                draw.Panel(
                    "Gold metric, which the policy never sees", "", [("objective/gold", "gold")], optional: true),
                draw.Panel("Divergence from the base, per token", "nats",
                    [("objective/kl_per_token", "KL")], ("bound", asked.KlBound)),
                draw.Panel("Length of answers", "tokens",
                    [("val/response_length", "length")], ("longest allowed", asked.MaxTokens)),
                draw.Panel("Clipped tokens", "share",
                    [("policy/clipfrac_avg", "policy"), ("val/clipfrac_avg", "value")]),
                draw.Panel("Entropy of the policy, per token", "nats", [("policy/entropy_avg", "entropy")]),
                draw.Panel("Value loss", "", [("loss/value_avg", "value loss")]),
                draw.Panel("Variance that the critic explains", "", [("val/explained_variance", "explained")]),
            ];
    }

    /// <summary>Makes the charts of one phase. An optional one that was not measured has no lines.</summary>
    private sealed class Drawing(MetricHistory history, TrainingPhase phase, int steps)
    {
        /// <summary>A bound that is logged beside what it bounds.</summary>
        public (string Name, double Value)? Last(string metric, string name) =>
            history.Points(phase, metric) is [.., { Y: { } value }] ? (name, value) : null;

        public MetricPanel Panel(
            string title,
            string unit,
            (string Metric, string Name)[] lines,
            (string Name, double Value)? bound = null,
            bool optional = false,
            string? note = null)
        {
            var end = Math.Max(steps, history.LastStep(phase));
            var series = lines
                .Select(l => new ChartSeries(l.Name, history.Points(phase, l.Metric)))
                .Where(s => s.Points.Count > 0 || lines.Length == 1)
                .ToList();
            if (bound is var (name, value))
            {
                series.Add(new ChartSeries(
                    $"{name} {Numbers.Format(value, unit)}", [(1, value), (end, value)], IsBound: true));
            }

            var isMeasured = series.Exists(s => !s.IsBound && s.Points.Count > 0);
            return new MetricPanel(title, unit, optional && !isMeasured ? [] : series, end, note);
        }
    }
}
