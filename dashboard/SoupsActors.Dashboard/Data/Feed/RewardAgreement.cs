using SoupsActors.Dashboard.Data.Training;

namespace SoupsActors.Dashboard.Data.Feed;

/// <summary>How often a reward model, learnt from some of the feedback, says of the rest what people said.</summary>
/// <param name="Preference">The preference.</param>
/// <param name="Training">The training that the reward model was made for.</param>
/// <param name="Share">Share of the comparisons kept back that it orders as people did.</param>
/// <param name="HeldOut">Comparisons kept back.</param>
/// <param name="CalibrationError">Its expected calibration error on them, or null.</param>
public sealed record RewardAgreement(
    string Preference, string Training, double Share, int HeldOut, double? CalibrationError)
{
    /// <summary>The newest reward model of each preference that has one.</summary>
    public static IReadOnlyList<RewardAgreement> Of(TrainingBoard board)
    {
        ArgumentNullException.ThrowIfNull(board);
        return
        [
            .. from card in board.Cards
               where card.Status is { Reward.Accuracy: not null, Data: not null }
               let reward = card.Status!.Reward!
               select new RewardAgreement(
                   card.Preference.Id,
                   card.Status!.Id,
                   reward.Accuracy!.Value,
                   card.Status!.Data!.HeldOut,
                   reward.Metrics.TryGetValue("calibration_error", out var error) ? error : null),
        ];
    }
}
