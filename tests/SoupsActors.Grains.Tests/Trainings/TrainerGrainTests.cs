using SoupsActors.Grains.Trainings;
using SoupsActors.Trainings;
using static SoupsActors.Grains.Tests.TestSilo;

namespace SoupsActors.Grains.Tests.Trainings;

public sealed class TrainerGrainTests : IAsyncLifetime
{
    private static readonly TrainingRequest Request = new() { Steps = 10, Minutes = 5 };

    private readonly TrainerSilo silo = new();

    private FakeTrainingDevice Device => silo.Device;

    public ValueTask InitializeAsync() => silo.InitializeAsync();

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    public static TheoryData<TrainingPhase> WorkPhases =>
        [TrainingPhase.Collecting, TrainingPhase.RewardModel, TrainingPhase.Policy, TrainingPhase.Evaluation];

    [Fact]
    public async Task a_training_goes_through_its_phases_and_publishes_a_version()
    {
        var started = await silo.Trainer().Start(Request, Op());
        Assert.Equal(
            ("P1A-1", TrainingPhase.Collecting, TrainingActivity.Waiting, "hash-1"),
            (started.Id, started.Phase, started.Activity, started.Parent?.Hash));
        await Device.ProgressAsync(0);
        Assert.Equal(TrainingActivity.Running, (await StatusAsync()).Activity);
        await ReachAsync(TrainingPhase.Evaluation);
        Assert.Equal(
            [TrainingPhase.Collecting, TrainingPhase.RewardModel, TrainingPhase.Policy, TrainingPhase.Evaluation],
            Device.Submitted);
        await Device.CompleteAsync();

        var ended = await StatusAsync();
        Assert.Equal(
            (TrainingPhase.Published, TrainingActivity.Ended, 2, silo.Clock.GetUtcNow()),
            (ended.Phase, ended.Activity, ended.Version, ended.EndedAt));
        var expert = (await silo.Expert().Describe())!;
        Assert.Equal((2, "new-P1A-1"), (expert.Current.Number, expert.Current.Hash));
        var notes = expert.Current.Provenance;
        Assert.Equal(
            ("P1A-1", "ppo", "data-hash", "reward-hash", "hash-1", "40", "rules"),
            (notes["training"], notes["method"], notes["data"], notes["reward"], notes["parent"], notes["wins"], notes["judge"]));
        Assert.Equal(["P1A-1"], Device.Discarded);
    }

    [Fact]
    public async Task direct_methods_need_no_reward_model_where_rules_judge()
    {
        await silo.Trainer().Start(new() { Method = TrainingMethod.Dpo, Judge = TrainingJudge.Rules }, Op());
        await Device.CompleteAsync();
        Assert.Equal(TrainingPhase.Policy, Device.Job.Training.Phase);
    }

    [Theory]
    [InlineData(0.5, 0.1, "win rate")]
    [InlineData(0.9, 0.7, "nats per token")]
    [InlineData(0.9, double.NaN, "nats per token")]
    public async Task a_version_that_does_not_clearly_win_within_the_bound_is_rejected_with_its_numbers(
        double lower, double kl, string reason)
    {
        await StartAtAsync(TrainingPhase.Evaluation);
        var outcome = FakeTrainingDevice.Compared(30, 4, 20, lower, double.IsNaN(kl) ? double.MaxValue : kl);
        await Device.EndAsync(outcome);
        var ended = await StatusAsync();
        Assert.Equal(TrainingPhase.Rejected, ended.Phase);
        Assert.Contains(reason, ended.Reason, StringComparison.Ordinal);
        Assert.Equal((30, 4, 20), (ended.Evaluation!.Wins, ended.Evaluation.Ties, ended.Evaluation.Losses));
        Assert.NotNull(ended.Policy);
        Assert.Equal("hash-1", (await silo.Expert().Describe())!.Current.Hash);
        Assert.Equal(["P1A-1"], Device.Discarded);
    }

    [Fact]
    public async Task a_version_compared_on_too_few_prompts_is_rejected_for_that_reason()
    {
        await StartAtAsync(TrainingPhase.Evaluation);
        var outcome = FakeTrainingDevice.Compared(63, 0, 1, lower: 0.43);
        await Device.EndAsync(outcome with { Evaluation = outcome.Evaluation! with { Prompts = 3 } });
        var ended = await StatusAsync();
        Assert.Equal((TrainingPhase.Rejected, 3), (ended.Phase, ended.Evaluation!.Prompts));
        Assert.Contains("3 different held-out prompts", ended.Reason, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(WorkPhases))]
    public async Task a_pause_stops_the_device_and_resuming_goes_on_with_the_same_phase(TrainingPhase phase)
    {
        await StartAtAsync(phase);
        await Device.ProgressAsync(3, seconds: 20);
        var paused = await silo.Trainer().Pause(Op());
        Assert.Equal((phase, TrainingActivity.Paused), (paused.Phase, paused.Activity));
        Assert.Equal(["P1A-1"], Device.Stopped);
        await Device.EndAsync(StageOutcome.Stopped with { Seconds = 21 });
        Assert.Empty(Device.Jobs);
        await silo.WakeAsync();
        Assert.Empty(Device.Jobs);

        var resumed = await silo.Trainer().Resume(Op());
        Assert.Equal((phase, TrainingActivity.Waiting), (resumed.Phase, resumed.Activity));
        Assert.Equal(phase, Device.Job.Training.Phase);
        Assert.Equal(await SecondsBeforeAsync(phase) + 21, Device.Job.Training.WorkedSeconds);
        await ReachEndAsync();
        Assert.Equal(TrainingPhase.Published, (await StatusAsync()).Phase);
    }

    [Theory, MemberData(nameof(WorkPhases))]
    public async Task a_cancelled_training_ends_and_publishes_nothing(TrainingPhase phase)
    {
        await StartAtAsync(phase);
        var job = Device.Job;
        var cancelled = await silo.Trainer().Cancel(Op());
        Assert.Equal((TrainingPhase.Cancelled, TrainingActivity.Ended), (cancelled.Phase, cancelled.Activity));
        Assert.Equal(["P1A-1"], Device.Discarded);

        // The device had finished just then.
        await Device.EndAsync(FakeTrainingDevice.Result(job.Training), job);
        Assert.Equal(TrainingPhase.Cancelled, (await StatusAsync()).Phase);
        Assert.Single((await silo.Expert().Describe())!.Versions);
    }

    [Theory, MemberData(nameof(WorkPhases))]
    public async Task a_restart_goes_on_with_the_phase_that_was_under_way(TrainingPhase phase)
    {
        await StartAtAsync(phase);
        await silo.RestartAsync();
        Assert.Empty(Device.Jobs);
        await silo.WakeAsync();
        Assert.Equal(phase, Device.Job.Training.Phase);
        await ReachEndAsync();
        Assert.Equal(TrainingPhase.Published, (await StatusAsync()).Phase);
    }

    [Fact]
    public async Task a_reminder_brings_an_unfinished_training_back()
    {
        await StartAtAsync(TrainingPhase.Policy);
        await silo.RestartAsync();
        // Until the reminder service has read its table no timer waits for the clock.
        while (Device.Jobs.Count == 0)
        {
            silo.Clock.Advance(TimeSpan.FromSeconds(30));
            await Task.Yield();
        }
        Assert.Equal(TrainingPhase.Policy, Device.Job.Training.Phase);
    }

    [Fact]
    public async Task a_pause_survives_a_restart()
    {
        await StartAtAsync(TrainingPhase.Policy);
        await silo.Trainer().Pause(Op());
        await silo.RestartAsync();
        await silo.WakeAsync();
        Assert.Empty(Device.Jobs);
        Assert.Equal(TrainingActivity.Paused, (await StatusAsync()).Activity);
    }

    [Fact]
    public async Task a_training_resumed_before_the_device_has_stopped_is_submitted_again_when_it_has()
    {
        await StartAtAsync(TrainingPhase.Policy);
        var job = Device.Job;
        await silo.Trainer().Pause(Op());
        await silo.Trainer().Resume(Op());
        Assert.Equal(job.Run, Device.Job.Run);
        await Device.EndAsync(StageOutcome.Stopped);
        Assert.Equal(TrainingPhase.Policy, Device.Job.Training.Phase);
        Assert.NotEqual(job.Run, Device.Job.Run);
    }

    [Fact]
    public async Task a_phase_that_was_finished_just_before_the_pause_counts()
    {
        await StartAtAsync(TrainingPhase.RewardModel);
        await silo.Trainer().Pause(Op());
        await Device.CompleteAsync();
        var paused = await StatusAsync();
        Assert.Equal(
            (TrainingPhase.Policy, TrainingActivity.Paused, "reward-hash"),
            (paused.Phase, paused.Activity, paused.Reward?.Id));
        Assert.Empty(Device.Jobs);
    }

    [Fact]
    public async Task a_phase_is_not_asked_for_again_while_its_end_is_being_stored()
    {
        await silo.Trainer().Start(Request, Op());
        var stored = silo.Writes.HoldAsync();
        var ending = Device.CompleteAsync();
        await stored;
        await silo.WakeAsync();
        Assert.Empty(Device.Jobs);
        silo.Writes.Release();
        await ending;
        Assert.Equal(TrainingPhase.RewardModel, Device.Job.Training.Phase);
        Assert.Equal([TrainingPhase.Collecting, TrainingPhase.RewardModel], Device.Submitted);
    }

    [Fact]
    public async Task the_result_of_another_phase_does_not_end_this_one()
    {
        await StartAtAsync(TrainingPhase.Collecting);
        var collecting = Device.Job;
        await Device.CompleteAsync();
        await Device.EndAsync(
            FakeTrainingDevice.Result(collecting.Training), collecting with { Run = Device.Job.Run });
        var status = await StatusAsync();
        Assert.Equal((TrainingPhase.RewardModel, null), (status.Phase, status.Reward));

        // Nor does it keep the right one from doing so.
        await Device.CompleteAsync();
        Assert.Equal("reward-hash", (await StatusAsync()).Reward?.Id);
    }

    [Fact]
    public async Task a_device_that_fails_is_tried_again_after_growing_pauses_and_then_the_training_fails()
    {
        await StartAtAsync(TrainingPhase.Policy);
        var pause = TrainerTransitions.FirstPause;
        for (var attempt = 1; attempt < TrainerTransitions.Attempts; attempt++, pause *= 2)
        {
            await Device.EndAsync(StageOutcome.Failed("the disk is full"));
            var waiting = await StatusAsync();
            Assert.Equal(
                (TrainingPhase.Policy, TrainingActivity.Waiting, attempt, "the disk is full", silo.Clock.GetUtcNow() + pause),
                (waiting.Phase, waiting.Activity, waiting.Failures, waiting.Reason, waiting.RetryAt));
            Assert.Empty(Device.Jobs);
            silo.Clock.Advance(pause);
            while (Device.Jobs.Count == 0)
                await Task.Yield();
        }

        await Device.EndAsync(StageOutcome.Failed("the disk is full"));
        var failed = await StatusAsync();
        Assert.Equal(
            (TrainingPhase.Failed, TrainingPhase.Policy, "the disk is full"),
            (failed.Phase, failed.FailedIn, failed.Reason));
        Assert.DoesNotContain("P1A-1", Device.Discarded);
    }

    [Fact]
    public async Task what_cannot_succeed_fails_at_once_and_resuming_tries_again_from_its_checkpoint()
    {
        await StartAtAsync(TrainingPhase.Policy);
        await Device.EndAsync(StageOutcome.Impossible("The loss of step 3 is not finite."));
        Assert.Equal(TrainingPhase.Failed, (await StatusAsync()).Phase);
        var resumed = await silo.Trainer().Resume(Op());
        Assert.Equal((TrainingPhase.Policy, null, null), (resumed.Phase, resumed.Reason, resumed.EndedAt));
        await ReachEndAsync();
        Assert.Equal(TrainingPhase.Published, (await StatusAsync()).Phase);
    }

    [Fact]
    public async Task the_budget_counts_work_alone_over_pauses_and_restarts()
    {
        await silo.Trainer().Start(Request, Op());
        Assert.Equal(300, Device.Job.SecondsLeft);
        await Device.CompleteAsync(seconds: 10);
        Assert.Equal(290, Device.Job.SecondsLeft);
        silo.Clock.Advance(TimeSpan.FromSeconds(31));
        await Device.ProgressAsync(1, seconds: 25);
        await Device.ProgressAsync(2, seconds: 26);
        await silo.RestartAsync();
        silo.Clock.Advance(TimeSpan.FromSeconds(20));
        await silo.WakeAsync();

        // The second since the last count went with the process.
        Assert.Equal(265, Device.Job.SecondsLeft);
        await Device.CompleteAsync(seconds: 300);
        Assert.True(Device.Job.SecondsLeft < 0);
        await Device.EndAsync(FakeTrainingDevice.Result(Device.Job.Training) is { Policy: { } policy }
            ? new StageOutcome(StageEnd.Completed) { Policy = policy with { Steps = 4, StoppedBy = "The time is over." } }
            : throw new InvalidOperationException());
        Assert.Equal(("The time is over.", 4), ((await StatusAsync()).Policy!.StoppedBy, (await StatusAsync()).Policy!.Steps));
        Assert.Equal(TrainingPhase.Evaluation, Device.Job.Training.Phase);
    }

    [Fact]
    public async Task operations_sent_twice_count_once()
    {
        var start = Op();
        await silo.Trainer().Start(Request, start);
        Assert.Equal("P1A-1", (await silo.Trainer().Start(Request, start)).Id);
        Assert.Single(Device.Submitted);
        var other = await Assert.ThrowsAsync<SoupsException>(() => silo.Trainer().Start(Request with { Steps = 5 }, start));
        Assert.Equal("operation_id_reused", other.Code);

        var pause = Op();
        await silo.Trainer().Pause(pause);
        await silo.Trainer().Resume(Op());
        await silo.Trainer().Pause(pause);
        Assert.NotEqual(TrainingActivity.Paused, (await StatusAsync()).Activity);
    }

    [Fact]
    public async Task one_training_at_a_time_and_the_next_gets_the_next_number()
    {
        await silo.Trainer().Start(Request, Op());
        var busy = await Assert.ThrowsAsync<SoupsException>(() => silo.Trainer().Start(Request, Op()));
        Assert.Equal("training_running", busy.Code);
        var stale = Device.Job;
        await silo.Trainer().Cancel(Op());
        Device.Crash();
        var next = await silo.Trainer().Start(Request, Op());
        Assert.Equal("P1A-2", next.Id);
        Assert.Equal("P1A-1", Assert.Single(await silo.Trainer().Earlier()).Id);

        // What the device still had to say about the first one is not taken for the second.
        await Device.EndAsync(FakeTrainingDevice.Result(stale.Training), stale);
        Assert.Equal(TrainingPhase.Collecting, (await StatusAsync()).Phase);
    }

    [Fact]
    public async Task trainings_of_different_preferences_do_not_know_of_each_other()
    {
        await silo.Trainer("P1A").Start(Request, Op());
        var other = await silo.Trainer("P2B").Start(Request, Op());
        Assert.Equal(("P2B-1", null), (other.Id, other.Parent));
        Assert.Equal(2, Device.Jobs.Count);
    }

    [Fact]
    public async Task a_version_is_published_once_however_often_the_end_is_reported()
    {
        await StartAtAsync(TrainingPhase.Evaluation);
        var job = Device.Job;
        var result = FakeTrainingDevice.Result(job.Training);
        await Task.WhenAll(Device.EndAsync(result, job), Device.EndAsync(result, job), silo.WakeAsync());
        await silo.RestartAsync();
        await silo.WakeAsync();
        Assert.Equal([1, 2], (await silo.Expert().Describe())!.Versions.Select(v => v.Number));
        Assert.Equal(TrainingPhase.Published, (await StatusAsync()).Phase);
    }

    [Fact]
    public async Task a_rollback_after_publishing_is_not_undone()
    {
        await StartAtAsync(TrainingPhase.Evaluation);
        await Device.CompleteAsync();
        await silo.Expert().Rollback(Op());
        await silo.RestartAsync();
        await silo.WakeAsync();
        Assert.Equal(1, (await silo.Expert().Describe())!.Current.Number);
    }

    [Fact]
    public async Task a_version_is_not_published_over_one_it_was_not_compared_with()
    {
        await StartAtAsync(TrainingPhase.Evaluation);
        await silo.Expert().Publish(Weights("by-hand"), Op());
        await Device.CompleteAsync();
        var ended = await StatusAsync();
        Assert.Equal(TrainingPhase.Rejected, ended.Phase);
        Assert.Contains("meanwhile", ended.Reason, StringComparison.Ordinal);
        Assert.Equal("by-hand", (await silo.Expert().Describe())!.Current.Hash);
    }

    [Fact]
    public async Task a_pinned_expert_gains_the_version_but_keeps_the_pinned_one()
    {
        await silo.Expert().Pin(1, Op());
        await StartAtAsync(TrainingPhase.Evaluation);
        await Device.CompleteAsync();
        var ended = await StatusAsync();
        Assert.Equal((TrainingPhase.Published, 2), (ended.Phase, ended.Version));
        Assert.Contains("pinned", ended.Reason, StringComparison.Ordinal);
        Assert.Equal(1, (await silo.Expert().Describe())!.Current.Number);
    }

    [Fact]
    public async Task a_request_under_way_keeps_its_version_while_a_training_publishes()
    {
        var lease = await silo.Expert().Lease("request");
        await StartAtAsync(TrainingPhase.Evaluation);
        await Device.CompleteAsync();
        Assert.Equal(lease, await silo.Expert().Lease("request"));
        Assert.Equal("hash-1", lease.Hash);
        Assert.Equal("new-P1A-1", (await silo.Expert().Lease("later")).Hash);
    }

    [Fact]
    public async Task watching_shows_steps_and_states_and_ends_with_the_training()
    {
        await silo.Trainer().Start(Request, Op());
        var seen = new List<string>();
        var first = new TaskCompletionSource();
        var watching = Task.Run(async () =>
        {
            await foreach (var news in silo.Trainer().Watch())
            {
                seen.Add(news.Status?.Phase.ToString() ?? $"step {news.Progress!.Step}");
                first.TrySetResult();
            }
        });
        await first.Task;
        await Device.ProgressAsync(1);
        await ReachEndAsync();
        await watching;
        Assert.Equal(
            ["Collecting", "step 1", "RewardModel", "Policy", "Evaluation", "Publishing", "Published"], seen);
    }

    [Fact]
    public async Task a_slow_reader_misses_steps_but_no_state()
    {
        await silo.Trainer().Start(Request, Op());
        await using var news = silo.Trainer().Watch().GetAsyncEnumerator();
        await news.MoveNextAsync();
        for (var step = 1; step <= 500; step++)
            await Device.ProgressAsync(step);
        await silo.Trainer().Cancel(Op());
        var (steps, states) = (0, 0);
        while (await news.MoveNextAsync())
        {
            steps += news.Current.Progress is null ? 0 : 1;
            states += news.Current.Status is { Phase: TrainingPhase.Cancelled } ? 1 : 0;
        }

        Assert.InRange(steps, 1, 499);
        Assert.Equal(1, states);
    }

    [Fact]
    public async Task what_is_not_there_is_refused_with_a_reason()
    {
        Assert.Null(await silo.Trainer().Describe());
        await RefusesAsync("unknown_training", () => silo.Trainer().Pause(Op()));
        await RefusesAsync("unknown_preference", () => silo.Trainer("P9X").Start(Request, Op()));
        await RefusesAsync("invalid_training", () => silo.Trainer().Start(Request with { Steps = 0 }, Op()));
        await RefusesAsync(
            "too_few_comparisons", () => silo.Trainer().Start(Request with { MinimumComparisons = 101 }, Op()));
        await RefusesAsync(
            "unknown_judge", () => silo.Trainer("P2B").Start(Request with { Judge = TrainingJudge.Rules }, Op()));
        await RefusesAsync("unknown_judge", () => silo.Trainer().Start(Request with { Judge = TrainingJudge.Chat }, Op()));
        await RefusesAsync("invalid_training", () => silo.Trainer().Start(Request with { Minutes = double.NaN }, Op()));
        await silo.Trainer().Start(Request, Op());
        await RefusesAsync("training_not_paused", () => silo.Trainer().Resume(Op()));
        await silo.Trainer().Cancel(Op());
        await RefusesAsync("training_ended", () => silo.Trainer().Pause(Op()));
        await RefusesAsync("training_ended", () => silo.Trainer().Cancel(Op()));
    }

    [Fact]
    public async Task enough_new_feedback_starts_a_training_where_a_judge_is_known()
    {
        silo.Training.Automatic = true;
        silo.Training.AutomaticComparisons = 150;
        await silo.WakeAsync();
        Assert.Null(await silo.Trainer().Describe());

        silo.Comparisons.Last = 160;
        await silo.WakeAsync();
        var started = await StatusAsync();
        Assert.Equal(("P1A-1", true, 160), (started.Id, started.Automatic, started.Through));
        await ReachEndAsync();
        await silo.WakeAsync();
        Assert.Equal("P1A-1", (await StatusAsync()).Id);

        silo.Comparisons.Last = 310;
        await silo.WakeAsync();
        Assert.Equal(("P1A-2", 310), ((await StatusAsync()).Id, (await StatusAsync()).Through));

        // Only a reward model could judge by this one, and that is for people to decide.
        await silo.WakeAsync("P2B");
        Assert.Null(await silo.Trainer("P2B").Describe());
        silo.Training.Defaults = new() { Judge = TrainingJudge.Reward };
        await silo.WakeAsync("P2B");
        Assert.Equal("P2B-1", (await silo.Trainer("P2B").Describe())!.Id);
    }

    [Fact]
    public async Task metrics_come_from_the_device()
    {
        Device.Measured.Add(new TrainingProgress(TrainingPhase.Policy, 1, 10, new() { ["loss"] = 0.5 }));
        await silo.Trainer().Start(Request, Op());
        var read = new List<TrainingProgress>();
        await foreach (var measured in silo.Trainer().Metrics())
            read.Add(measured);
        Assert.Equal(0.5, Assert.Single(read).Metrics["loss"]);
    }

    private static async Task RefusesAsync(string code, Func<Task> call) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<SoupsException>(call)).Code);

    private async Task<TrainingStatus> StatusAsync() => (await silo.Trainer().Describe())!;

    private async Task StartAtAsync(TrainingPhase phase)
    {
        await silo.Trainer().Start(Request, Op());
        await ReachAsync(phase);
    }

    private async Task ReachAsync(TrainingPhase phase)
    {
        while (Device.Job.Training.Phase != phase)
            await Device.CompleteAsync();
    }

    private async Task ReachEndAsync()
    {
        while (Device.Jobs.Count > 0)
            await Device.CompleteAsync();
    }

    // Each phase before took the second that the fake device reports.
    private static Task<double> SecondsBeforeAsync(TrainingPhase phase) => Task.FromResult((double)(int)phase);
}
