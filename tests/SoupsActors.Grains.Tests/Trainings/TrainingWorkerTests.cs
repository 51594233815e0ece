using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using SoupsActors.Grains.Trainings;
using SoupsActors.Grains.Trainings.Work;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Tests.Trainings;

/// <summary>The real worker, with a test in the place of the trainers.</summary>
public sealed class TrainingWorkerTests : IAsyncLifetime
{
    private readonly TrainingLab lab = new();
    private readonly TrainerInboxes inboxes = TrainerInboxes.Create();
    private readonly TrainingWorker worker;

    public TrainingWorkerTests() =>
        worker = new(lab.Services, lab.Data, inboxes.Factory, NullLogger<TrainingWorker>.Instance);

    public async ValueTask InitializeAsync() => await worker.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await worker.StopAsync(default);
        worker.Dispose();
        await lab.DisposeAsync();
    }

    [Fact]
    public async Task a_phase_that_is_submitted_again_while_its_end_is_told_does_not_answer_for_the_next()
    {
        var collecting = lab.Training(TrainingPhase.Collecting);
        var folder = lab.Folder(collecting.Id);
        folder.Open(collecting);
        folder.Keep(TrainingPhase.Collecting, FakeTrainingDevice.Result(collecting));
        var next = collecting with { Phase = TrainingPhase.RewardModel };
        folder.Keep(TrainingPhase.RewardModel, FakeTrainingDevice.Result(next));
        inboxes.WhenEnded = _ =>
        {
            inboxes.WhenEnded = _ => { };
            worker.Submit(Job("first", collecting));
            worker.Submit(Job("second", next));
        };

        worker.Submit(Job("first", collecting));
        await lab.Engine.LoadAsync(TestContext.Current.CancellationToken);
        var collected = await EndOfAsync("first");
        Assert.Equal((TrainingPhase.Collecting, "data-hash"), (collected.Phase, collected.Data?.Hash));
        var rewarded = await EndOfAsync("second");
        Assert.Equal((TrainingPhase.RewardModel, "reward-hash"), (rewarded.Phase, rewarded.Reward?.Id));
    }

    [Fact]
    public async Task a_phase_that_is_submitted_again_while_it_waits_takes_over_the_runs_name()
    {
        var collecting = lab.Training(TrainingPhase.Collecting);
        var folder = lab.Folder(collecting.Id);
        folder.Open(collecting);
        folder.Keep(TrainingPhase.Collecting, FakeTrainingDevice.Result(collecting));
        worker.Submit(Job("first", collecting));
        worker.Submit(Job("second", collecting));
        await lab.Engine.LoadAsync(TestContext.Current.CancellationToken);
        Assert.Equal("data-hash", (await EndOfAsync("second")).Data?.Hash);
    }

    [Fact]
    public async Task files_that_cannot_be_deleted_keep_neither_the_end_from_being_told_nor_others_from_training()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "File names are bytes on Linux alone.");
        var cancelled = lab.Training(TrainingPhase.Collecting);
        var folder = lab.Folder(cancelled.Id);
        folder.Open(cancelled);
        Directory.CreateDirectory(folder.Data);

        // Not text, so that it cannot be named here and the folder around it cannot be emptied.
        byte[] undeletable = [.. Encoding.UTF8.GetBytes(folder.Data), (byte)'/', 0xff, 0];
        Assert.Equal(0, MakeDirectory(undeletable, 0x1ed));
        try
        {
            worker.Submit(Job("cancelled", cancelled));
            worker.Stop(cancelled.Id, discard: true);
            Assert.Equal(StageEnd.Stopped, (await EndOfAsync("cancelled")).End);

            // Nothing of it waits any more, so that this deletes at once.
            worker.Stop(cancelled.Id, discard: true);
            worker.Submit(Job("other", lab.Training(TrainingPhase.Collecting, id: "P1A-2")));
            worker.Stop("P1A-2", discard: false);
            Assert.Equal(StageEnd.Stopped, (await EndOfAsync("other")).End);
        }
        finally
        {
            Assert.Equal(0, RemoveDirectory(undeletable));
        }
    }

    private async Task<StageOutcome> EndOfAsync(string run)
    {
        // A worker that broke off tells nothing any more.
        var end = inboxes.EndOfAsync(run);
        await await Task.WhenAny(end, worker.ExecuteTask!);
        return await end;
    }

    private static TrainingJob Job(string run, TrainingStatus training) => new() { Run = run, Training = training };

    [DllImport("libc", EntryPoint = "mkdir")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MakeDirectory(byte[] path, uint mode);

    [DllImport("libc", EntryPoint = "rmdir")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int RemoveDirectory(byte[] path);
}

/// <summary>A cluster whose trainers only note what they are told.</summary>
public class TrainerInboxes : DispatchProxy
{
    private readonly Channel<(string Run, StageOutcome Outcome)> ends =
        Channel.CreateUnbounded<(string Run, StageOutcome Outcome)>();
    private ITrainerInbox inbox = null!;
    private TrainerInboxes owner = null!;

    internal IGrainFactory Factory { get; private set; } = null!;

    /// <summary>What a trainer does before it has taken note of a run's end.</summary>
    internal Action<string> WhenEnded { get; set; } = _ => { };

    internal static TrainerInboxes Create()
    {
        var factory = Create<IGrainFactory, TrainerInboxes>();
        var made = (TrainerInboxes)(object)factory;
        made.inbox = Create<ITrainerInbox, TrainerInboxes>();
        ((TrainerInboxes)(object)made.inbox).owner = made;
        made.Factory = factory;
        return made;
    }

    /// <summary>How a run ended; what other runs said before is passed over.</summary>
    internal async Task<StageOutcome> EndOfAsync(string run)
    {
        await foreach (var end in ends.Reader.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            if (end.Run == run)
                return end.Outcome;
        }

        throw new InvalidOperationException("Nobody tells any more.");
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod!.Name)
        {
            case nameof(IGrainFactory.GetGrain):
                return inbox;
            case nameof(ITrainerInbox.Ended):
                var run = (string)args![0]!;
                owner.WhenEnded(run);
                owner.ends.Writer.TryWrite((run, (StageOutcome)args[1]!));
                return Task.CompletedTask;
            default:
                return Task.CompletedTask;
        }
    }
}
