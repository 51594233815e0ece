using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Runtime;
using SoupsActors.Experts;
using SoupsActors.Grains.Placement;
using SoupsActors.Grains.State;
using SoupsActors.Learning.Data;
using SoupsActors.Preferences;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Trainings;

/// <inheritdoc cref="ITrainerGrain"/>
/// <remarks>
/// The grain holds state, budget and decisions; the device does the work. Every change is stored first, and what follows
/// from it is then done by <see cref="FollowAsync"/>, which may run any number of times: after a crash it is run again
/// on the stored state by the start of the process or by the reminder. Reentrant, because a reader of the news must not
/// keep the training from going on.
/// </remarks>
[Reentrant]
[RolePlacement(SiloRoles.Trainer, required: true)]
internal sealed partial class TrainerGrain(
    [PersistentState("trainer", GrainStorageNames.Soups)] IPersistentState<TrainerState> storage,
    ITrainingDevice device,
    IComparisonSource comparisons,
    ITrainingGuide guide,
    IOptions<TrainingOptions> options,
    IGrainFactory grains,
    TimeProvider clock,
    ILogger<TrainerGrain> logger) : Grain, ITrainerGrain, ITrainerInbox, IRemindable
{
    private const string ReminderName = "training";

    /// <summary>How much work a crash may leave uncounted.</summary>
    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(30);

    private readonly DurableState<TrainerState> state = new(storage);
    private readonly TrainingNewsfeed news = new();
    private Run? run;
    private IGrainTimer? retry;
    private bool following;
    private bool again;

    private string Preference => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Submit();
        return Task.CompletedTask;
    }

    public async Task<TrainingStatus> Start(TrainingRequest request, string operationId)
    {
        TrainingRules.Check(request);
        var count = await comparisons.CountAsync(Preference);
        if (count.Comparisons < request.MinimumComparisons)
        {
            await FindPreferenceAsync();
            throw SoupsException.Invalid(
                $"There are {count.Comparisons} comparisons for '{Preference}'; the training asks for at least "
                    + $"{request.MinimumComparisons}. Send more feedback, or lower minimum_comparisons.",
                "too_few_comparisons",
                "minimum_comparisons");
        }

        return await BeginAsync(request, count.Last, automatic: false, operationId);
    }

    public Task<TrainingStatus?> Describe() => Task.FromResult(Status());

    public Task<TrainingStatus[]> Earlier() => Task.FromResult(state.Value.Earlier);

    public Task<TrainingStatus> Pause(string operationId) =>
        ChangeAsync("pause", 0, operationId, current => current.Pause(Preference));

    public Task<TrainingStatus> Resume(string operationId) =>
        ChangeAsync("resume", 0, operationId, current => current.Resume(Preference));

    public Task<TrainingStatus> Cancel(string operationId) =>
        ChangeAsync("cancel", 0, operationId, current => current.Cancel(Preference, clock.GetUtcNow()));

    public IAsyncEnumerable<TrainingNews> Watch(CancellationToken cancellationToken = default) =>
        news.WatchAsync(Status() ?? throw TrainerTransitions.None(Preference), cancellationToken);

    public IAsyncEnumerable<TrainingProgress> Metrics(CancellationToken cancellationToken = default) =>
        device.ReadMetricsAsync((Status() ?? throw TrainerTransitions.None(Preference)).Id, cancellationToken);

    public async Task Progressed(string run, TrainingProgress progress, double seconds)
    {
        if (this.run is not { } mine || mine.Name != run)
            return;
        mine.Live = progress;
        news.Tell(new TrainingNews { Progress = progress });
        if (clock.GetUtcNow() - mine.CountedAt < CountEvery)
            return;
        var more = mine.Count(seconds, clock.GetUtcNow());
        await state.UpdateAsync(current => current.Current is { IsOver: false } training && training.Id == mine.Training
            ? current.With(training with { Progress = progress, WorkedSeconds = training.WorkedSeconds + more })
            : null);
    }

    public async Task Ended(string run, StageOutcome outcome)
    {
        if (this.run is not { } mine || mine.Name != run || (outcome.Phase ?? mine.Phase) != mine.Phase)
            return;
        if (outcome.End is StageEnd.Failed or StageEnd.Impossible)
            LogFailure(mine.Training, mine.Phase, outcome.Reason);
        var now = clock.GetUtcNow();
        outcome = outcome with { Seconds = mine.Count(outcome.Seconds, now) };
        mine.IsEnding = true;
        try
        {
            await state.UpdateAsync(current => current.After(mine.Training, mine.Phase, outcome, now));
        }
        finally
        {
            mine.IsEnding = false;
        }

        if (this.run == mine)
            this.run = null;
        TellState();
        await FollowAsync();
    }

    public Task Wake() => FollowAsync();

    public Task ReceiveReminder(string reminderName, TickStatus status) => FollowAsync();

    private async Task<TrainingStatus> ChangeAsync<T>(
        string verb, T content, string operationId, Func<TrainerState, TrainerState> change)
    {
        var operation = new AppliedOperation(
            Identifiers.RequireOperation(operationId), AppliedOperation.FingerprintOf(verb, content));
        var before = state.Value;
        await state.UpdateAsync(current => current.Operations.Holds(operation)
            ? null
            : change(current) with { Operations = current.Operations.With(operation) });
        if (!ReferenceEquals(before, state.Value))
            TellState();
        await FollowAsync();
        return Status()!;
    }

    /// <summary>
    /// Makes everything outside as the stored state wants it to be. One at a time; whoever comes meanwhile has the one
    /// under way look again.
    /// </summary>
    private async Task FollowAsync()
    {
        again = true;
        if (following)
            return;
        following = true;
        try
        {
            while (again)
            {
                again = false;
                await FollowOnceAsync();
            }
        }
        finally
        {
            following = false;
        }
    }

    private async Task FollowOnceAsync()
    {
        if (state.Value.Current is null or { IsOver: true })
            await ConsiderAsync();
        var training = state.Value.Current;
        await RemindAsync(training is { IsOver: false } || TrainsByItself);
        if (training is null)
            return;
        if (training.IsOver || training.Activity == TrainingActivity.Paused)
            device.Stop(training.Id, discard: training.IsOver && training.Phase != TrainingPhase.Failed);
        else if (training.Phase == TrainingPhase.Publishing)
            await PublishAsync(training);
        else
            Submit();
    }

    private async Task<TrainingStatus> BeginAsync(
        TrainingRequest request, long through, bool automatic, string operationId)
    {
        var preference = await FindPreferenceAsync();
        guide.Resolve(request.Judge, Preference);
        var parent = (await grains.GetGrain<IExpertGrain>(preference.ExpertId).Describe())?.Current;
        var started = await ChangeAsync("start", request, operationId, current => current.Begin(
            preference, parent, request, through, automatic, clock.GetUtcNow()));

        // What a failed training kept for another attempt nobody can go on with any more.
        if (state.Value.Earlier is [{ Phase: TrainingPhase.Failed } left, ..])
            device.Stop(left.Id, discard: true);
        return started;
    }

    private bool TrainsByItself => options.Value.Automatic
        && (options.Value.Defaults.Judge == TrainingJudge.Reward
            || guide.Resolve(TrainingJudge.Auto, Preference) != TrainingJudge.Reward);

    /// <summary>Starts a training where enough feedback has come since the last one.</summary>
    private async Task ConsiderAsync()
    {
        if (!TrainsByItself)
            return;
        var count = await comparisons.CountAsync(Preference, state.Value.Through);
        var request = options.Value.Defaults;
        if (count.Comparisons >= Math.Max(options.Value.AutomaticComparisons, request.MinimumComparisons))
            await BeginAsync(request, count.Last, automatic: true, $"feedback:{count.Last}");
    }

    private void Submit()
    {
        retry?.Dispose();
        retry = null;
        if (state.Value.Current is not { IsOver: false, Activity: TrainingActivity.Waiting } training
            || training.Phase == TrainingPhase.Publishing)
            return;

        // Until the end of a phase is stored the state still asks for it; what comes next follows then.
        if (run is { IsEnding: true })
            return;
        var now = clock.GetUtcNow();
        if (training.RetryAt is { } at && at > now)
        {
            retry = this.RegisterGrainTimer(
                static (grain, _) => grain.FollowAsync(),
                this,
                new GrainTimerCreationOptions
                {
                    DueTime = at - now,
                    Period = Timeout.InfiniteTimeSpan,
                    KeepAlive = true,
                });
            return;
        }

        // A run that the device is about to stop is submitted again when its end is reported.
        if (run is null || run.Training != training.Id || run.Phase != training.Phase)
            run = new Run(Guid.NewGuid().ToString("N"), training.Id, training.Phase) { CountedAt = now };
        device.Submit(new TrainingJob { Run = run.Name, Training = training });
    }

    private async Task PublishAsync(TrainingStatus training)
    {
        var expert = grains.GetGrain<IExpertGrain>(training.Expert);
        var found = await expert.Describe();
        var weights = training.Policy!.Weights;
        var known = found is not null && Array.Exists(found.Versions, v => v.Hash == weights.Hash);
        if (!known && found?.Current.Hash != training.Parent?.Hash)
        {
            await EndAsync(training, current => current.Reject(
                "Another version of the expert became current meanwhile, which this one was not compared with. "
                    + "Start again.",
                clock.GetUtcNow()));
            return;
        }

        // The operation id makes it once, however often a crash brings us here.
        var published = await expert.Publish(
            weights with { Provenance = TrainingProvenance.Of(training) }, $"training:{training.Id}");
        await EndAsync(training, current => current.Publish(published, clock.GetUtcNow()));
    }

    private async Task EndAsync(TrainingStatus training, Func<TrainerState, TrainerState> change)
    {
        await state.UpdateAsync(current =>
            current.Current is { Phase: TrainingPhase.Publishing } now && now.Id == training.Id ? change(current) : null);
        TellState();
        await FollowAsync();
    }

    private async Task<Preference> FindPreferenceAsync()
    {
        var catalog = grains.GetGrain<IPreferenceCatalogGrain>(IPreferenceCatalogGrain.Key);
        return Array.Find(await catalog.List(), p => p.Id == Preference) is { } found && Identifiers.IsExpert(Preference)
            ? found
            : throw SoupsException.NotFound(
                $"There is no preference '{Preference}'. GET /v1/preferences lists those there are.",
                "unknown_preference",
                "preference");
    }

    private async Task RemindAsync(bool wanted)
    {
        var reminder = await this.GetReminder(ReminderName);
        if (wanted && reminder is null)
            await this.RegisterOrUpdateReminder(ReminderName, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        else if (!wanted && reminder is not null)
            await this.UnregisterReminder(reminder);
    }

    private void TellState()
    {
        if (Status() is { } status)
            news.Tell(new TrainingNews { Status = status });
    }

    private TrainingStatus? Status()
    {
        var training = state.Value.Current;
        return training is { IsOver: false, Activity: TrainingActivity.Waiting }
            && run?.Live is { } live && live.Phase == training.Phase
            ? training with { Progress = live, Activity = TrainingActivity.Running }
            : training;
    }

    [LoggerMessage(LogLevel.Warning, "Training {Id} failed in phase {Phase}: {Reason}")]
    private partial void LogFailure(string id, TrainingPhase phase, string? reason);

    /// <summary>One submission to the device, as far as this activation knows.</summary>
    private sealed class Run(string name, string training, TrainingPhase phase)
    {
        private double counted;

        public string Name { get; } = name;

        public string Training { get; } = training;

        public TrainingPhase Phase { get; } = phase;

        public TrainingProgress? Live { get; set; }

        /// <summary>Whether its end is being stored.</summary>
        public bool IsEnding { get; set; }

        /// <summary>When its work was last added to the stored state.</summary>
        public DateTimeOffset CountedAt { get; set; }

        /// <summary>Seconds of work that the stored state does not have yet; from now on it has.</summary>
        public double Count(double seconds, DateTimeOffset now)
        {
            var more = Math.Max(0, seconds - counted);
            counted = Math.Max(counted, seconds);
            CountedAt = now;
            return more;
        }
    }
}
