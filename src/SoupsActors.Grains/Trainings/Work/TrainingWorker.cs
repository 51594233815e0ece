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
    private readonly Lock discarding = new();
    private readonly LinkedList<Entry> queue = [];
    private readonly SemaphoreSlim waiting = new(0);

    public void Submit(TrainingJob job)
    {
        Entry[] outdated;
        lock (gate)
        {
            var known = Find(job.Training.Id);
            if (Array.Find(known, e => e.Phase == job.Training.Phase) is { } same)
            {
                same.Job = job;
                return;
            }

            outdated = known;
            queue.AddLast(new Entry(job));
        }

        // The trainer has gone on, and no other phase may answer for the one it asks for now.
        foreach (var entry in outdated)
            entry.Stopped.Cancel();
        waiting.Release();
    }

    public void Stop(string training, bool discard)
    {
        Entry[] known;
        lock (gate)
        {
            known = Find(training);
            foreach (var entry in known)
                entry.Discard |= discard;
        }

        foreach (var entry in known)
            entry.Stopped.Cancel();
        if (discard && known.Length == 0)
            Discard(training);
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
                await WorkAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The process ends; what was under way goes on from its checkpoint when the next one starts.
            }
            catch (Exception error)
            {
                // An error that gets out of here stops the whole server, its users included.
                LogBroken(error);
            }
        }
    }

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        Entry entry;
        lock (gate)
            entry = queue.First!.Value;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(entry.Stopped.Token, stoppingToken);
        var start = services.Clock.GetTimestamp();
        var steps = Channel.CreateBounded<TrainingProgress>(
            new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.DropOldest });
        var telling = TellAsync(entry, steps.Reader, start);
        StageOutcome outcome;
        string run;
        try
        {
            outcome = await OutcomeAsync(entry, steps.Writer, stop.Token);
            steps.Writer.Complete();
            await telling;
        }
        finally
        {
            lock (gate)
            {
                queue.Remove(entry);
                run = entry.Job.Run;
            }
        }

        stoppingToken.ThrowIfCancellationRequested();
        outcome = outcome with
        {
            Phase = entry.Phase,
            Seconds = services.Clock.GetElapsedTime(start).TotalSeconds,
        };
        if (entry.Discard)
            Discard(entry.Training);
        await ReportAsync(entry, run, outcome, stoppingToken);
    }

    private async Task<StageOutcome> OutcomeAsync(
        Entry entry, ChannelWriter<TrainingProgress> steps, CancellationToken cancellationToken)
    {
        try
        {
            // What was stopped while it waited must not write its files again.
            cancellationToken.ThrowIfCancellationRequested();
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

    private Entry[] Find(string training) => [.. queue.Where(e => e.Training == training)];

    /// <summary>
    /// Deletes a training's files. Where a file cannot be deleted now, the trainer asks again when it is next woken.
    /// </summary>
    private void Discard(string training)
    {
        try
        {
            lock (discarding)
                FolderOf(training).Discard();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogNotDiscarded(error, training);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Training {Training} broke off in phase {Phase}.")]
    private partial void LogFailure(Exception error, string training, TrainingPhase phase);

    [LoggerMessage(LogLevel.Error, "Work on a training broke off where nothing may fail; the others go on.")]
    private partial void LogBroken(Exception error);

    [LoggerMessage(LogLevel.Warning, "Files of training {Training} could not be deleted; the next start tries again.")]
    private partial void LogNotDiscarded(Exception error, string training);

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
