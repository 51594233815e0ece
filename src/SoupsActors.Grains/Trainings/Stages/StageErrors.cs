using SoupsActors.Grains.Trainings.Work;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Tensors;

namespace SoupsActors.Grains.Trainings.Stages;

/// <summary>Which failures are worth another attempt.</summary>
internal static class StageErrors
{
    public static StageOutcome Outcome(Exception error) => error switch
    {
        TimeOverException => StageOutcome.Impossible(
            error.Message + " Nothing was learnt that could be compared; start again with more minutes or fewer steps."),

        // Equal data and settings would end the same way.
        DivergedException or ExpertMismatchException or ModelFormatException or ArgumentException =>
            StageOutcome.Impossible(error.Message),
        SoupsException { Error: SoupsError.InvalidRequest or SoupsError.NotFound } =>
            StageOutcome.Impossible(error.Message),
        _ => StageOutcome.Failed(error.Message),
    };
}
