using SoupsActors.Trainings;

namespace SoupsActors.Dashboard.Data.Training;

/// <summary>What phases, activities and settings are called on the page.</summary>
public static class TrainingWords
{
    /// <summary>Heading of a column of the board.</summary>
    public static string Title(this BoardColumn column) => column switch
    {
        BoardColumn.None => "Not trained yet",
        BoardColumn.RewardModel => "Reward model",
        BoardColumn.Stopped => "Not published",
        _ => column.ToString(),
    };

    /// <summary>A phase in a word or two.</summary>
    public static string Title(this TrainingPhase phase) => phase switch
    {
        TrainingPhase.RewardModel => "Reward model",
        _ => phase.ToString(),
    };

    /// <summary>What a training is doing, in a word.</summary>
    public static string State(this TrainingStatus training)
    {
        ArgumentNullException.ThrowIfNull(training);
        return training.IsOver ? training.Phase.ToString()
            : training is { Activity: TrainingActivity.Waiting, RetryAt: not null } ? "Waiting to try again"
            : training.Phase == TrainingPhase.Publishing ? "Publishing"
            : training.Activity.ToString();
    }

    /// <summary>Class of the badge that shows <see cref="State"/>.</summary>
    public static string Badge(this TrainingStatus training)
    {
        ArgumentNullException.ThrowIfNull(training);
        return training.Phase switch
        {
            TrainingPhase.Published => "good",
            TrainingPhase.Failed => "bad",
            TrainingPhase.Rejected => "warn",
            TrainingPhase.Cancelled => "",
            _ => training.Activity == TrainingActivity.Running ? "accent"
                : training.Activity == TrainingActivity.Paused ? "warn"
                : "",
        };
    }

    /// <summary>Whether it can be paused.</summary>
    public static bool CanPause(this TrainingStatus training)
    {
        ArgumentNullException.ThrowIfNull(training);
        return training is { IsOver: false, Activity: not TrainingActivity.Paused }
            && training.Phase != TrainingPhase.Publishing;
    }

    /// <summary>Whether it can go on: after a pause, or after a failure.</summary>
    public static bool CanResume(this TrainingStatus training)
    {
        ArgumentNullException.ThrowIfNull(training);
        return training.Activity == TrainingActivity.Paused || training.Phase == TrainingPhase.Failed;
    }

    /// <summary>Whether it can be cancelled.</summary>
    public static bool CanCancel(this TrainingStatus training)
    {
        ArgumentNullException.ThrowIfNull(training);
        return !training.IsOver && training.Phase != TrainingPhase.Publishing;
    }
}
