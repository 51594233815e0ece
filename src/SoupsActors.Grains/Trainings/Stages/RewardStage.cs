using SoupsActors.Grains.Trainings.Work;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rewards;
using SoupsActors.Learning.Training;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Trainings.Stages;

/// <summary>
/// Trains the reward model that the policy learns from and, where a reward model is also the judge, a second one from
/// another seed: the policy must not be judged by the very model it was fitted to.
/// </summary>
internal static class RewardStage
{
    private const double LearningRate = 1e-3;
    private const int BatchPairs = 16;
    private const int CheckpointEvery = 10;

    public static async Task<StageOutcome> RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var set = TrainingSet.Of(context);
        var request = context.Request;
        TokenPair[] pairs = [.. set.Learnt.Select(context.Format.Pair)];
        TokenPair[] heldOut = [.. set.HeldOut.Select(context.Format.Pair)];
        RewardSummary? summary = null;
        using var backend = context.OpenBackend();
        using var transformer = context.OpenBase(backend);
        if (request.Method == TrainingMethod.Ppo)
        {
            summary = await TrainAsync(
                context.Folder.Reward, unchecked((int)request.Seed), context.Folder.Metrics(TrainingPhase.RewardModel));
        }

        if (context.Services.Guide.Resolve(request.Judge, context.Training.Preference) == TrainingJudge.Reward)
        {
            var judge = await TrainAsync(context.Folder.JudgeReward, unchecked((int)request.Seed + 7919), null);
            summary ??= judge;
        }

        return new StageOutcome(StageEnd.Completed) { Reward = summary };

        async Task<RewardSummary> TrainAsync(string folder, int seed, string? metricsPath)
        {
            using var reward = RewardModel.Create(transformer, context.Model.Model.BaseHash, new RewardModelOptions
            {
                Preference = context.Training.Preference,
                Lora = new LoraOptions { Rank = request.Rank, Alpha = 2 * request.Rank, InitSeed = seed },
                HeadSeed = seed,
            });
            var options = new RewardTrainingOptions
            {
                Steps = request.RewardSteps,
                BatchPairs = Math.Min(BatchPairs, pairs.Length),
                Schedule = new LearningRateSchedule(
                    ScheduleKind.Cosine,
                    LearningRate,
                    request.RewardSteps,
                    request.RewardSteps / 10,
                    finalFraction: 0.1),
                Seed = seed,
                CheckpointEvery = CheckpointEvery,
            };
            var checkpoint = new Checkpoint(TrainingFolder.StateOf(folder), RewardTraining.Fingerprint(options, pairs));
            using var progress = context.Progress(options.Steps, metricsPath);
            var (training, tested) = await RewardTraining.RunAsync(
                reward, pairs, heldOut, options, checkpoint, progress, context.BetweenBatchesAsync, cancellationToken);

            // The checkpoint stays: where the other model's training is interrupted, this one is read from it.
            var id = reward.Save(folder);
            var metrics = new Dictionary<string, double>
            {
                ["training_accuracy"] = training.Accuracy,
                ["mean"] = training.Scores.Mean,
                ["standard_deviation"] = training.Scores.StandardDeviation,
            };
            if (tested is not null)
            {
                metrics["accuracy"] = tested.Accuracy;
                metrics["calibration_error"] = tested.CalibrationError;
            }

            return new RewardSummary(id, tested?.Accuracy, new(metrics.Where(m => double.IsFinite(m.Value))));
        }
    }
}
