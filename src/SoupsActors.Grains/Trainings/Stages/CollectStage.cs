using SoupsActors.Grains.Trainings.Work;
using SoupsActors.Learning.Data;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Trainings.Stages;

/// <summary>
/// Fixes what a training learns from: the comparisons up to a position, their margins on one scale, as a file named by
/// its content.
/// </summary>
internal static class CollectStage
{
    public static async Task<StageOutcome> RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var training = context.Training;
        var collected = Margins.ToUnit(await CollectAsync(context, cancellationToken));
        if (collected.Count < training.Request.MinimumComparisons)
        {
            return StageOutcome.Impossible(
                $"There are {collected.Count} comparisons for '{training.Preference}'; the training asks for at least "
                    + $"{training.Request.MinimumComparisons}.");
        }

        if (TrainingSet.Split(collected) is not { } set)
        {
            return StageOutcome.Impossible(
                "All comparisons are about one prompt. At least two are needed: one to learn from, one to compare on.");
        }

        var hash = await TrainingSet.WriteAsync(context.Folder.Data, collected, cancellationToken);
        return new StageOutcome(StageEnd.Completed)
        {
            Data = new TrainingData(hash, set.Learnt.Count, set.HeldOut.Count, training.Through),
        };
    }

    private static async Task<List<Comparison>> CollectAsync(StageContext context, CancellationToken cancellationToken)
    {
        var training = context.Training;
        var collected = new List<Comparison>();
        await foreach (var placed in context.Services.Comparisons.ReadAsync(
            training.Preference, through: training.Through, cancellationToken: cancellationToken))
        {
            collected.Add(placed.Comparison);
            if (collected.Count % 1000 == 0)
                context.Report(collected.Count, 0);
        }

        return collected;
    }
}
