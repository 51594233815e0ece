using SoupsActors.Experts;
using SoupsActors.Learning.Judging;
using SoupsActors.Preferences;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Trainings;

/// <summary>
/// The life of a training as functions from state to state: collecting → reward model → policy → evaluation →
/// publishing → published, with rejected, failed and cancelled as the other ends. Null is no change.
/// </summary>
internal static class TrainerTransitions
{
    /// <summary>Attempts of a phase before its training fails.</summary>
    public const int Attempts = 4;

    /// <summary>Pause before the second attempt; it doubles with each further one.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(15);

    public static TrainerState Begin(
        this TrainerState state,
        Preference preference,
        ExpertVersion? parent,
        TrainingRequest request,
        long through,
        bool automatic,
        DateTimeOffset now)
    {
        if (state.Current is { IsOver: false } running)
        {
            throw SoupsException.Conflict(
                $"Training {running.Id} has not ended. Wait for it, or cancel it, then start another one.",
                "training_running");
        }

        var number = state.LastNumber + 1;
        return state with
        {
            LastNumber = number,
            Through = Math.Max(state.Through, through),
            Earlier = state.Current is null
                ? []
                : [state.Current, .. state.Earlier.Take(TrainerState.KeptTrainings - 1)],
            Current = new TrainingStatus
            {
                Id = $"{preference.Id}-{number}",
                Preference = preference.Id,
                Expert = preference.ExpertId,
                Criterion = preference.JudgeText,
                Request = request,
                Through = through,
                Parent = parent,
                Automatic = automatic,
                StartedAt = now,
            },
        };
    }

    public static TrainerState Pause(this TrainerState state, string preference)
    {
        var training = UnderWay(state, preference);
        if (training.Phase == TrainingPhase.Publishing)
            throw TooLate(training);
        return state.With(training with { Activity = TrainingActivity.Paused, RetryAt = null });
    }

    public static TrainerState Resume(this TrainerState state, string preference) => state.Current switch
    {
        { Activity: TrainingActivity.Paused } paused => state.With(Fresh(paused)),
        { Phase: TrainingPhase.Failed, FailedIn: { } phase } failed => state.With(Fresh(failed) with
        {
            Phase = phase,
            FailedIn = null,
            EndedAt = null,
        }),
        { } other => throw SoupsException.Conflict(
            $"Training {other.Id} is neither paused nor failed, so there is nothing to resume.", "training_not_paused"),
        null => throw None(preference),
    };

    public static TrainerState Cancel(this TrainerState state, string preference, DateTimeOffset now)
    {
        var training = UnderWay(state, preference);
        if (training.Phase == TrainingPhase.Publishing)
            throw TooLate(training);
        return state.End(training, TrainingPhase.Cancelled, $"Cancelled while {Words(training.Phase)}.", now);
    }

    /// <summary>What became of a phase. Results of a phase that is over already change nothing.</summary>
    public static TrainerState? After(
        this TrainerState state, string id, TrainingPhase phase, StageOutcome outcome, DateTimeOffset now)
    {
        if (state.Current is not { IsOver: false } training || training.Id != id || training.Phase != phase)
            return null;
        training = training with { WorkedSeconds = training.WorkedSeconds + outcome.Seconds };
        return outcome.End switch
        {
            StageEnd.Completed => state.Completed(training, outcome, now),
            StageEnd.Stopped => state.With(training),
            StageEnd.Failed when training.Failures + 1 < Attempts => state.With(training with
            {
                Failures = training.Failures + 1,
                Reason = outcome.Reason,
                RetryAt = training.Activity == TrainingActivity.Paused
                    ? null
                    : now + FirstPause * Math.Pow(2, training.Failures),
            }),
            _ => state.End(training, TrainingPhase.Failed, outcome.Reason ?? "It failed.", now),
        };
    }

    public static TrainerState Publish(this TrainerState state, ExpertDescriptor expert, DateTimeOffset now)
    {
        var training = state.Current!;
        var hash = training.Policy!.Weights.Hash;
        var version = Array.Find(expert.Versions, v => v.Hash == hash)?.Number;
        var reason = version == expert.Current.Number ? null
            : $"Version {expert.Current.Number} is pinned and stays current until the pin is lifted.";
        return state.End(training with { Version = version }, TrainingPhase.Published, reason, now);
    }

    public static TrainerState Reject(this TrainerState state, string reason, DateTimeOffset now) =>
        state.End(state.Current!, TrainingPhase.Rejected, reason, now);

    public static TrainerState With(this TrainerState state, TrainingStatus training) =>
        state with { Current = training };

    /// <summary>The refusal where there was no training.</summary>
    public static SoupsException None(string preference) => SoupsException.NotFound(
        $"There was no training for '{preference}'. POST /v1/trainings starts one.", "unknown_training", "preference");

    private static TrainerState Completed(
        this TrainerState state, TrainingStatus training, StageOutcome outcome, DateTimeOffset now)
    {
        training = training with { Failures = 0, Reason = null, RetryAt = null, Progress = null };
        switch (training.Phase)
        {
            case TrainingPhase.Collecting:
                var next = training.NeedsRewardModel() ? TrainingPhase.RewardModel : TrainingPhase.Policy;
                return state.With(training with { Data = outcome.Data, Phase = next });
            case TrainingPhase.RewardModel:
                return state.With(training with { Reward = outcome.Reward, Phase = TrainingPhase.Policy });
            case TrainingPhase.Policy:
                return state.With(training with { Policy = outcome.Policy, Phase = TrainingPhase.Evaluation });
            default:
                training = training with { Evaluation = outcome.Evaluation };
                return Verdict(training) is { } reason
                    ? state.End(training, TrainingPhase.Rejected, reason, now)
                    : state.With(training with
                    {
                        // Once it has won there is nothing left to pause.
                        Phase = TrainingPhase.Publishing,
                        Activity = TrainingActivity.Waiting,
                    });
        }
    }

    /// <summary>Why a version is not good enough, or null where it is.</summary>
    private static string? Verdict(TrainingStatus training)
    {
        var (found, asked) = (training.Evaluation!, training.Request);
        if (!(found.KlPerToken <= asked.KlBound))
        {
            return $"The new version is {found.KlPerToken:0.###} nats per token away from the base; "
                + $"the bound is {asked.KlBound:0.###}.";
        }

        if (found.Lower > asked.WinRateAbove)
            return null;
        var needed = ConfidenceInterval.TrialsToExceed(asked.WinRateAbove);
        return found.Prompts < needed
            ? $"The versions were compared on {found.Prompts} different held-out prompts. That is too few: a lower "
                + $"bound of the win rate above {asked.WinRateAbove:0.###} takes at least {needed}, all of them won. Collect "
                + "feedback on more prompts."
            : $"The new version wins {found.Wins}, ties {found.Ties} and loses {found.Losses}: the lower bound of its "
                + $"win rate is {found.Lower:0.###}, and it must lie above {asked.WinRateAbove:0.###}.";
    }

    private static bool NeedsRewardModel(this TrainingStatus training) =>
        training.Request is { Method: TrainingMethod.Ppo } or { Judge: TrainingJudge.Reward or TrainingJudge.Auto };

    private static TrainerState End(
        this TrainerState state, TrainingStatus training, TrainingPhase end, string? reason, DateTimeOffset now) =>
        state.With(training with
        {
            Phase = end,
            FailedIn = end == TrainingPhase.Failed ? training.Phase : null,
            Activity = TrainingActivity.Ended,
            Reason = reason,
            RetryAt = null,
            EndedAt = now,
        });

    private static TrainingStatus Fresh(TrainingStatus training) => training with
    {
        Activity = TrainingActivity.Waiting,
        Failures = 0,
        Reason = null,
        RetryAt = null,
    };

    private static TrainingStatus UnderWay(TrainerState state, string preference) => state.Current switch
    {
        { IsOver: false } training => training,
        { } ended => throw SoupsException.Conflict(
            $"Training {ended.Id} has ended ({Words(ended.Phase)}).", "training_ended"),
        null => throw None(preference),
    };

    private static SoupsException TooLate(TrainingStatus training) => SoupsException.Conflict(
        $"Training {training.Id} has won and its version is being published. Roll the expert back if it is not wanted.",
        "training_publishing");

    private static string Words(TrainingPhase phase) => phase switch
    {
        TrainingPhase.Collecting => "collecting",
        TrainingPhase.RewardModel => "training the reward model",
        TrainingPhase.Policy => "training the policy",
        TrainingPhase.Evaluation => "evaluating",
        _ => phase.ToString().ToLowerInvariant(),
    };
}
