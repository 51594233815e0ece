using SoupsActors.Preferences;
using SoupsActors.Trainings;

namespace SoupsActors.Dashboard.Data.Training;

/// <summary>All preferences with their newest trainings, in the order of the catalogue.</summary>
/// <param name="Cards">One for each preference.</param>
public sealed record TrainingBoard(IReadOnlyList<TrainingCard> Cards)
{
    /// <summary>The card of a preference, or null where there is no such preference.</summary>
    public TrainingCard? Find(string? preference) => Cards.FirstOrDefault(c => c.Preference.Id == preference);
}

/// <summary>A preference and its newest training.</summary>
/// <param name="Preference">The preference.</param>
/// <param name="Status">The newest training, or null where there was none.</param>
/// <param name="Comparisons">Comparisons that its feedback makes so far.</param>
/// <param name="Unused">Those of them that came after the newest training began; all where there was none.</param>
public sealed record TrainingCard(Preference Preference, TrainingStatus? Status, long Comparisons, long Unused)
{
    /// <summary>Where on the board it lies.</summary>
    public BoardColumn Column => Status?.Phase switch
    {
        null => BoardColumn.None,
        TrainingPhase.Collecting => BoardColumn.Collecting,
        TrainingPhase.RewardModel => BoardColumn.RewardModel,
        TrainingPhase.Policy => BoardColumn.Policy,
        TrainingPhase.Evaluation or TrainingPhase.Publishing => BoardColumn.Evaluation,
        TrainingPhase.Published => BoardColumn.Published,
        _ => BoardColumn.Stopped,
    };
}

/// <summary>The columns of the board from left to right.</summary>
public enum BoardColumn
{
    /// <summary>No training yet.</summary>
    None,

    /// <summary>Reading comparisons.</summary>
    Collecting,

    /// <summary>Training the reward model.</summary>
    RewardModel,

    /// <summary>Training the policy.</summary>
    Policy,

    /// <summary>Comparing with the current version, and publishing.</summary>
    Evaluation,

    /// <summary>Ended with a new version.</summary>
    Published,

    /// <summary>Ended without: rejected, failed or cancelled.</summary>
    Stopped,
}
