using SoupsActors.Trainings;

namespace SoupsActors.Dashboard.Data.Training;

/// <summary>
/// What a training has measured, thinned so that a page that stays open does not grow: the newest step is always
/// there, of earlier ones as many as a chart can show.
/// </summary>
public sealed class MetricHistory
{
    /// <summary>Most steps that are kept of one phase.</summary>
    public const int Most = 480;

    private readonly Dictionary<TrainingPhase, List<TrainingProgress>> phases = [];

    /// <summary>Changes with each step that is added.</summary>
    public long Version { get; private set; }

    /// <summary>
    /// Adds a step. Steps after it are forgotten: a training that went back to its checkpoint repeats them.
    /// </summary>
    public void Add(TrainingProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        if (progress.Metrics.Count == 0)
            return;
        if (!phases.TryGetValue(progress.Phase, out var steps))
            phases[progress.Phase] = steps = [];
        var same = steps.Count > 0 && steps[^1].Step == progress.Step;
        steps.RemoveAll(s => s.Step >= progress.Step);
        steps.Add(progress);
        if (!same && steps.Count > Most)
        {
            var kept = steps.Where((_, i) => i % 2 == 0 || i == steps.Count - 1).ToArray();
            steps.Clear();
            steps.AddRange(kept);
        }

        Version++;
    }

    /// <summary>One metric along the steps of a phase; empty where it was not measured.</summary>
    public IReadOnlyList<(double X, double? Y)> Points(TrainingPhase phase, string metric) =>
        phases.TryGetValue(phase, out var steps)
            ?
            [
                .. steps.Where(s => s.Metrics.ContainsKey(metric))
                    .Select(s => ((double)s.Step, (double?)s.Metrics[metric])),
            ]
            : [];

    /// <summary>The last step of a phase, 0 where there is none.</summary>
    public int LastStep(TrainingPhase phase) =>
        phases.TryGetValue(phase, out var steps) && steps.Count > 0 ? steps[^1].Step : 0;
}
