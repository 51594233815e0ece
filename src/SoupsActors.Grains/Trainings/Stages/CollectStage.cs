using SoupsActors.Grains.Trainings.Work;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Judging;
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

        var guide = context.Services.Guide;
        if (TrainingSet.Split(collected, guide) is not { } heldOut)
        {
            return StageOutcome.Impossible(guide.HeldOutPrompts.Count == 0
                ? "All comparisons are about one prompt. At least two are needed: one to learn from, one to compare on."
                : "All comparisons are about prompts that the server keeps for comparing versions. Ask other ones.");
        }

        var marked = collected.Zip(heldOut);
        var set = TrainingSet.Of(marked, guide);
        if (TooFew(training.Request, set.Evaluation.Count) is { } reason)
            return StageOutcome.Impossible(reason);
        var hash = await TrainingFile.WriteAsync(context.Folder.Data, marked, cancellationToken);
        return new StageOutcome(StageEnd.Completed)
        {
            Data = new TrainingData(hash, set.Learnt.Count, set.HeldOut.Count, training.Through),
        };
    }

    /// <summary>Why no version could win on so few prompts, before work is done on one; null where it could.</summary>
    private static string? TooFew(TrainingRequest request, int prompts)
    {
        var needed = ConfidenceInterval.TrialsToExceed(request.WinRateAbove);
        if (prompts >= needed)
            return null;
        return $"The feedback leaves {prompts} different prompts to compare versions on. That is too few: a lower bound "
            + $"of the win rate above {request.WinRateAbove:0.###} takes at least {needed}, all of them won. Collect "
            + "feedback on more prompts, about four for each one to compare on.";
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
