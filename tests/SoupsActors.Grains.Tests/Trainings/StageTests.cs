using SoupsActors.Grains.Trainings.Stages;
using SoupsActors.Grains.Trainings.Work;
using SoupsActors.Learning.Training;
using SoupsActors.Models.Training;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Tests.Trainings;

/// <summary>Phases that are interrupted and go on.</summary>
public sealed class StageTests : IAsyncLifetime
{
    private readonly TrainingLab lab = new();

    public async ValueTask InitializeAsync() => await lab.Engine.LoadAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => lab.DisposeAsync();

    [Fact]
    public async Task a_pause_while_the_judges_reward_model_trains_keeps_the_policys()
    {
        var request = new TrainingRequest { RewardSteps = 3, Rank = 2, Judge = TrainingJudge.Reward };
        var undisturbed = await lab.CollectAsync(lab.Training(TrainingPhase.RewardModel, request, "P1A-1"));
        var expected = await lab.RunAsync(undisturbed, _ => { }, c => RewardStage.RunAsync(c, default));

        var training = await lab.CollectAsync(lab.Training(TrainingPhase.RewardModel, request, "P1A-2"));
        using var pause = new CancellationTokenSource();
        var steps = new List<int>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lab.RunAsync(
            training,
            progress =>
            {
                steps.Add(progress.Step);
                if (steps.Count == 4)
                    pause.Cancel();
            },
            c => RewardStage.RunAsync(c, pause.Token)));
        Assert.Equal([1, 2, 3, 1], steps);

        steps.Clear();
        var resumed = await lab.RunAsync(
            training, progress => steps.Add(progress.Step), c => RewardStage.RunAsync(c, default));
        Assert.Equal([2, 3], steps);
        Assert.Equal(expected.Reward!.Id, resumed.Reward!.Id);
        var folder = lab.Folder(training.Id);
        Assert.Equal([1, 2, 3], MetricLog.Read(folder.Metrics(TrainingPhase.RewardModel)).Select(m => m.Step));
        Assert.True(File.Exists(TrainingFolder.StateOf(folder.Reward)));
        folder.Keep(TrainingPhase.RewardModel, resumed);
        Assert.False(File.Exists(TrainingFolder.StateOf(folder.Reward)));
        Assert.False(File.Exists(TrainingFolder.StateOf(folder.JudgeReward)));
    }

    [Fact]
    public async Task a_direct_training_whose_time_is_over_when_it_goes_on_ends_with_what_it_had_learnt()
    {
        var request = new TrainingRequest
        {
            Method = TrainingMethod.Dpo,
            Steps = 9,
            Batch = 4,
            Rank = 2,
            Minutes = 1,
        };
        var training = await lab.CollectAsync(lab.Training(TrainingPhase.Policy, request));
        using var stop = new CancellationTokenSource();
        var learnt = Array.Empty<float>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DirectAsync(
            training, p =>
            {
                if (p.Step == 3)
                    stop.Cancel();
            }, stop.Token));
        var kept = learnt;

        var end = await DirectAsync(training with { WorkedSeconds = 60 }, _ => { }, default);
        Assert.Equal((3, "Its time was over."), (end!.Steps, end.StoppedBy));
        Assert.NotEmpty(end.Metrics);
        Assert.Equal(kept, learnt);
        Assert.Contains(learnt, value => value != 0);

        // Without a checkpoint there is nothing to compare.
        var late = await lab.CollectAsync(lab.Training(TrainingPhase.Policy, request, "P1A-2"));
        await Assert.ThrowsAsync<TimeOverException>(
            () => DirectAsync(late with { WorkedSeconds = 60 }, _ => { }, default));

        Task<PolicyStage.PolicyEnd> DirectAsync(
            TrainingStatus job, Action<TrainingProgress> report, CancellationToken cancellationToken) =>
            lab.RunAsync(job, report, async context =>
            {
                using var backend = context.OpenBackend();
                using var transformer = context.OpenBase(backend);
                using var policy = new LoraAdapter(
                    backend, transformer.Config, new LoraOptions { Rank = 2, Alpha = 4, InitSeed = 1 });
                try
                {
                    return await DirectStage.RunAsync(context, transformer, policy, cancellationToken);
                }
                finally
                {
                    learnt = [.. policy.ToFactors().SelectMany(f => f.B.ToArray())];
                }
            });
    }

    [Fact]
    public async Task what_is_to_stop_does_so_between_batches_also_where_nobody_is_served()
    {
        using var stop = new CancellationTokenSource();
        await lab.RunAsync(lab.Training(TrainingPhase.Evaluation), _ => { }, async context =>
        {
            await context.YieldAsync(stop.Token);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await context.YieldAsync(stop.Token));
            return 0;
        });
    }
}
