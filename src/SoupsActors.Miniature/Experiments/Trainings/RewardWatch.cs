using SoupsActors.Learning.Training;

namespace SoupsActors.Miniature.Experiments.Trainings;

/// <summary>Tells how far the training of a reward model has come.</summary>
internal sealed class RewardWatch(ExperimentContext context, string stage, int steps) : IProgress<TrainingMetrics>
{
    public void Report(TrainingMetrics value) =>
        context.Report(stage, value.Step, steps, $"accuracy {value[MetricNames.Accuracy]:P0}");
}
