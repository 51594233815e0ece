using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SoupsActors.Grains.Trainings.Stages;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Trainings.Work;

/// <summary>
/// The device's side of trainings: a queue of phases, one of which is worked on at a time, on a thread that gives way to
/// serving. Phases of several trainings take turns.
/// </summary>
internal sealed partial class TrainingWorker(
    StageServices services, string dataPath, IGrainFactory grains, ILogger<TrainingWorker> logger)
    : BackgroundService, ITrainingDevice
{
    private const int ReportAttempts = 5;

    private readonly string root = Path.GetFullPath(services.Options.Directory ?? Path.Combine(dataPath, "trainings"));
    private readonly Lock gate = new();
    private readonly LinkedList<Entry> queue = [];
    private readonly SemaphoreSlim waiting = new(0);

    public void Submit(TrainingJob job)
    {
        lock (gate)
        {
            if (Find(job.Training.Id) is { } known)
            {
                known.Job = job;
                return;
            }

            queue.AddLast(new Entry(job));
        }

        waiting.Release();
    }

    public void Stop(string training, bool discard)
    {
        Entry? entry;
        lock (gate)
        {
            entry = Find(training);
            if (entry is not null)
                entry.Discard |= discard;
        }

        if (entry is not null)
            entry.Stopped.Cancel();
        else if (discard)
            FolderOf(training).Discard();
    }

    public async IAsyncEnumerable<TrainingProgress> ReadMetricsAsync(
        string training, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var read = await Task.Run(() => FolderOf(training).ReadMetrics().ToArray(), cancellationToken);
        foreach (var measured in read)
            yield return measured;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await waiting.WaitAsync(stoppingToken);
                Entry entry;
                lock (gate)
                    entry = queue.First!.Value;
                await WorkAsync(entry, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The process ends; what was under way goes on from its checkpoint when the next one starts.
            }
        }
    }

    private async Task WorkAsync(Entry entry, CancellationToken stoppingToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(entry.Stopped.Token, stoppingToken);
        var start = services.Clock.GetTimestamp();
        var steps = Channel.CreateBounded<TrainingProgress>(
            new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.DropOldest });
        var telling = TellAsync(entry, steps.Reader, start);
        var outcome = await OutcomeAsync(entry, steps.Writer, stop.Token);
        steps.Writer.Complete();
        await telling;
        stoppingToken.ThrowIfCancellationRequested();
        outcome = outcome with { Seconds = services.Clock.GetElapsedTime(start).TotalSeconds };
        string run;
        lock (gate)
        {
            queue.Remove(entry);
            run = entry.Job.Run;
        }

        if (entry.Discard)
            FolderOf(entry.Training).Discard();
        await ReportAsync(entry, run, outcome, stoppingToken);
    }

    private async Task<StageOutcome> OutcomeAsync(
        Entry entry, ChannelWriter<TrainingProgress> steps, CancellationToken cancellationToken)
    {
        try
        {
            var model = await services.Engine.WaitAsync(cancellationToken);
            return await TrainingThread.RunAsync(services.Options.Niceness, async lowered =>
            {
                var folder = FolderOf(entry.Training);
                using var owner = folder.Own();
                folder.Open(entry.Job.Training);
                if (folder.Result(entry.Phase) is { } known)
                    return known;
                var context = new StageContext(
                    services,
                    entry.Job,
                    folder,
                    model,
                    new ServingGate(model.Engine, lowered, services.Clock),
                    progress => steps.TryWrite(progress));
                context.Report(0, 0);
                var outcome = await StageAsync(context, cancellationToken);
                if (outcome.End == StageEnd.Completed)
                    folder.Keep(entry.Phase, outcome);
                return outcome;
            });
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return StageOutcome.Stopped;
        }
        catch (Exception error)
        {
            LogFailure(error, entry.Training, entry.Phase);
            return StageErrors.Outcome(error);
        }
    }

    private static Task<StageOutcome> StageAsync(StageContext context, CancellationToken cancellationToken) =>
        context.Training.Phase switch
        {
            TrainingPhase.Collecting => CollectStage.RunAsync(context, cancellationToken),
            TrainingPhase.RewardModel => RewardStage.RunAsync(context, cancellationToken),
            TrainingPhase.Policy => PolicyStage.RunAsync(context, cancellationToken),
            TrainingPhase.Evaluation => EvaluationStage.RunAsync(context, cancellationToken),
            var other => throw new InvalidOperationException($"There is no work in phase {other}."),
        };

    /// <summary>Hands steps to the trainer one by one; where it lags, the oldest are dropped.</summary>
    private async Task TellAsync(Entry entry, ChannelReader<TrainingProgress> steps, long start)
    {
        await foreach (var progress in steps.ReadAllAsync())
        {
            try
            {
                await Inbox(entry).Progressed(
                    entry.Job.Run, progress, services.Clock.GetElapsedTime(start).TotalSeconds);
            }
            catch (Exception error)
            {
                LogLostStep(error, entry.Training, progress.Step);
            }
        }
    }

    private async Task ReportAsync(Entry entry, string run, StageOutcome outcome, CancellationToken stoppingToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await Inbox(entry).Ended(run, outcome);
                return;
            }
            catch (Exception error) when (attempt < ReportAttempts)
            {
                LogLostEnd(error, entry.Training, entry.Phase);
                await Task.Delay(TimeSpan.FromSeconds(attempt), services.Clock, stoppingToken);
            }
            catch (Exception error)
            {
                // The trainer's reminder submits the phase again; its result is in the folder.
                LogLostEnd(error, entry.Training, entry.Phase);
                return;
            }
        }
    }

    private ITrainerInbox Inbox(Entry entry) => grains.GetGrain<ITrainerInbox>(entry.Job.Training.Preference);

    private TrainingFolder FolderOf(string training) => new(root, training);

    private Entry? Find(string training)
    {
        foreach (var entry in queue)
        {
            if (entry.Training == training)
                return entry;
        }

        return null;
    }

    [LoggerMessage(LogLevel.Warning, "Training {Training} broke off in phase {Phase}.")]
    private partial void LogFailure(Exception error, string training, TrainingPhase phase);

    [LoggerMessage(LogLevel.Debug, "Step {Step} of training {Training} could not be told.")]
    private partial void LogLostStep(Exception error, string training, int step);

    [LoggerMessage(LogLevel.Warning, "The end of phase {Phase} of training {Training} could not be told.")]
    private partial void LogLostEnd(Exception error, string training, TrainingPhase phase);

    private sealed class Entry(TrainingJob job)
    {
        public TrainingJob Job { get; set; } = job;

        public string Training { get; } = job.Training.Id;

        public TrainingPhase Phase { get; } = job.Training.Phase;

        public CancellationTokenSource Stopped { get; } = new();

        public bool Discard { get; set; }
    }
}
