using SoupsActors.Grains.Trainings.Work;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Direct;
using SoupsActors.Learning.Training;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;

namespace SoupsActors.Grains.Trainings.Stages;

/// <summary>The policy by direct preference optimisation: from the comparisons themselves, without rollouts.</summary>
internal static class DirectStage
{
    private const double LearningRate = 5e-4;
    private const int CheckpointEvery = 5;

    public static async Task<PolicyStage.PolicyEnd> RunAsync(
        StageContext context, TrainableTransformer transformer, LoraAdapter policy, CancellationToken cancellationToken)
    {
        var request = context.Request;
        TokenPair[] pairs = [.. TrainingSet.Of(context).Learnt.Select(context.Format.Pair)];
        var options = new DpoOptions
        {
            Steps = request.Steps,
            BatchPairs = Math.Min(request.Batch, pairs.Length),
            Schedule = new LearningRateSchedule(
                ScheduleKind.Cosine,
                request.LearningRate ?? LearningRate,
                request.Steps,
                request.Steps / 10,
                finalFraction: 0.1),
            Seed = unchecked((int)request.Seed),
            CheckpointEvery = CheckpointEvery,
        };
        var start = context.Job.Opponent?.Hash ?? "";
        Directory.CreateDirectory(context.Folder.Policy);
        var checkpoint = new Checkpoint(
            Path.Combine(context.Folder.Policy, "state.safetensors"),
            DpoTraining.Fingerprint(options, pairs, $"{start}/{request.From}"));
        var restored = 0;
        checkpoint.TryRestore(state => restored = DpoTraining.StepsTaken(state));
        var metrics = context.Folder.Metrics(SoupsActors.Trainings.TrainingPhase.Policy);
        var before = MetricLog.Read(metrics).LastOrDefault(m => m.Step <= restored);
        using var progress = context.Progress(request.Steps, metrics);
        try
        {
            await DpoTraining.RunAsync(
                transformer,
                policy,
                pairs,
                options,
                checkpoint: checkpoint,
                progress: progress,
                betweenBatches: context.BetweenBatchesAsync,
                cancellation: cancellationToken);
            return End(null);
        }
        catch (TimeOverException) when (progress.Last is not null || restored > 0)
        {
            return End("Its time was over.");
        }

        PolicyStage.PolicyEnd End(string? stoppedBy) => new(
            progress.Last?.Step ?? restored, stoppedBy, PolicyStage.Finite(progress.Last ?? before));
    }
}
