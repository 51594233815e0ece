using SoupsActors.Dashboard.Data.Training;
using SoupsActors.Preferences;
using SoupsActors.Trainings;

namespace SoupsActors.Dashboard.Tests.Training;

public sealed class TrainingLogicTests
{
    [Fact]
    public void a_history_stays_bounded_and_keeps_first_and_newest_step()
    {
        var history = new MetricHistory();
        for (var step = 1; step <= 100_000; step++)
            history.Add(Step(step));
        var points = history.Points(TrainingPhase.Policy, "objective/kl");
        Assert.InRange(points.Count, MetricHistory.Most / 2, MetricHistory.Most);
        Assert.Equal((1.0, 100_000.0), (points[0].X, points[^1].X));
        Assert.Equal(points.OrderBy(p => p.X), points);
        Assert.All(points, p => Assert.Equal(p.X / 2, p.Y));
    }

    [Fact]
    public void a_history_follows_a_training_that_went_back_to_its_checkpoint()
    {
        var history = new MetricHistory();
        foreach (var step in new[] { 1, 2, 3, 4, 5, 3, 4 })
            history.Add(Step(step));
        Assert.Equal([1, 2, 3, 4], history.Points(TrainingPhase.Policy, "objective/kl").Select(p => p.X));
        Assert.Equal(4, history.LastStep(TrainingPhase.Policy));
        Assert.Empty(history.Points(TrainingPhase.RewardModel, "objective/kl"));
    }

    [Fact]
    public void charts_have_their_bounds_drawn_in()
    {
        var asked = new TrainingRequest { KlBound = 0.25, MaxTokens = 40, Steps = 7 };
        var training = new TrainingStatus { Request = asked };
        var history = new MetricHistory();
        history.Add(new TrainingProgress(
            TrainingPhase.Policy, 2, 7, new() { ["objective/kl_per_token"] = 0.1, ["val/response_length"] = 12 }));
        var panels = MetricPanels.OfPolicy(training, history);
        var kl = panels.Single(p => p.Title.StartsWith("Divergence", StringComparison.Ordinal));
        Assert.Equal([(1, 0.25), (7, 0.25)], kl.Series.Single(s => s.IsBound).Points);
        Assert.Equal([(2, 0.1)], kl.Series.Single(s => !s.IsBound).Points);
        Assert.Equal(40, panels.Single(p => p.Unit == "tokens").Series.Single(s => s.IsBound).Points[0].Y);

        // What this training does not measure has no chart.
        Assert.Empty(panels.Single(p => p.Title.StartsWith("Gold", StringComparison.Ordinal)).Series);
    }

    [Fact]
    public void the_calibration_of_a_reward_model_is_drawn_with_that_on_held_out_pairs()
    {
        var history = new MetricHistory();
        history.Add(new TrainingProgress(TrainingPhase.RewardModel, 20, 60, new() { ["calibration_error"] = 0.2 }));
        history.Add(new TrainingProgress(TrainingPhase.RewardModel, 30, 60, new() { ["calibration_error"] = 0.1 }));
        var training = new TrainingStatus { Request = new TrainingRequest { RewardSteps = 60 } };
        var panel = Calibration(training);
        Assert.Equal([(20, 0.2), (30, 0.1)], Assert.Single(panel.Series).Points);
        Assert.Contains("before the step that learnt from it", panel.Note, StringComparison.Ordinal);

        var reward = new RewardSummary("reward", 0.8, new() { ["calibration_error"] = 0.05 });
        panel = Calibration(training with { Reward = reward });
        Assert.Equal([(1, 0.05), (60, 0.05)], panel.Series.Single(s => s.IsBound).Points);

        MetricPanel Calibration(TrainingStatus of) => MetricPanels.OfReward(of, history)
            .Single(p => p.Title.StartsWith("Calibration", StringComparison.Ordinal));
    }

    [Fact]
    public void a_direct_training_has_its_drop_drawn_with_the_bound_in_force()
    {
        var training = new TrainingStatus { Request = new TrainingRequest { Method = TrainingMethod.Dpo, Steps = 9 } };
        var history = new MetricHistory();
        Assert.Empty(Drop().Series);
        history.Add(new TrainingProgress(
            TrainingPhase.Policy, 2, 9, new() { ["logps/chosen_drop"] = -0.25, ["logps/chosen_drop_bound"] = 3 }));
        Assert.Equal([(2, -0.25)], Drop().Series.Single(s => !s.IsBound).Points);
        Assert.Equal([(1, 3), (9, 3)], Drop().Series.Single(s => s.IsBound).Points);

        MetricPanel Drop() => MetricPanels.OfPolicy(training, history)
            .Single(p => p.Title.StartsWith("Drop of the chosen answers", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(TrainingPhase.Collecting, BoardColumn.Collecting)]
    [InlineData(TrainingPhase.RewardModel, BoardColumn.RewardModel)]
    [InlineData(TrainingPhase.Policy, BoardColumn.Policy)]
    [InlineData(TrainingPhase.Evaluation, BoardColumn.Evaluation)]
    [InlineData(TrainingPhase.Publishing, BoardColumn.Evaluation)]
    [InlineData(TrainingPhase.Published, BoardColumn.Published)]
    [InlineData(TrainingPhase.Rejected, BoardColumn.Stopped)]
    [InlineData(TrainingPhase.Failed, BoardColumn.Stopped)]
    [InlineData(TrainingPhase.Cancelled, BoardColumn.Stopped)]
    public void a_training_lies_in_the_column_of_its_phase(TrainingPhase phase, BoardColumn column)
    {
        var preference = new Preference("P1A", "expertise", "child", "", "", "P1A");
        Assert.Equal(BoardColumn.None, new TrainingCard(preference, null, 0, 0).Column);
        Assert.Equal(column, new TrainingCard(preference, new TrainingStatus { Phase = phase }, 0, 0).Column);
    }

    [Fact]
    public void what_can_be_done_follows_from_the_state()
    {
        var running = new TrainingStatus { Phase = TrainingPhase.Policy, Activity = TrainingActivity.Running };
        Assert.Equal((true, false, true), Can(running));
        Assert.Equal((false, true, true), Can(running with { Activity = TrainingActivity.Paused }));
        Assert.Equal((false, false, false), Can(running with { Phase = TrainingPhase.Publishing }));
        var ended = running with { Activity = TrainingActivity.Ended };
        Assert.Equal((false, true, false), Can(ended with { Phase = TrainingPhase.Failed }));
        Assert.Equal((false, false, false), Can(ended with { Phase = TrainingPhase.Published }));

        static (bool, bool, bool) Can(TrainingStatus t) => (t.CanPause(), t.CanResume(), t.CanCancel());
    }

    [Fact]
    public void an_untouched_form_asks_for_the_servers_defaults()
    {
        var defaults = new TrainingRequest
        {
            Method = TrainingMethod.Dpo,
            Steps = 11,
            Minutes = 2.5,
            LearningRate = 1e-4,
            KlBound = 0.2,
            Judge = TrainingJudge.Chat,
            From = TrainingStart.Base,
            Seed = 99,
        };
        Assert.Equal(defaults, new TrainingForm(defaults).ToRequest());
    }

    [Fact]
    public void a_field_that_is_no_number_of_its_kind_is_named()
    {
        Assert.Equal("steps", Refused(f => f.Steps = null));
        Assert.Equal("batch", Refused(f => f.Batch = 2.5));
        Assert.Equal("rank", Refused(f => f.Rank = 1e12));
        Assert.Equal("seed", Refused(f => f.Seed = double.NaN));
        Assert.Equal("kl_bound", Refused(f => f.KlBound = null));
        Assert.Null(new TrainingForm(new TrainingRequest()) { Minutes = null }.ToRequest().Minutes);

        static string? Refused(Action<TrainingForm> change)
        {
            var form = new TrainingForm(new TrainingRequest());
            change(form);
            return Assert.Throws<SoupsException>(form.ToRequest).Param;
        }
    }

    private static TrainingProgress Step(int step) =>
        new(TrainingPhase.Policy, step, 0, new() { ["objective/kl"] = step / 2.0 });
}
