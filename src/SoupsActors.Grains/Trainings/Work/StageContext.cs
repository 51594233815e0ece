using SoupsActors.Grains.Device;
using SoupsActors.Grains.Experts;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Rollouts;
using SoupsActors.Learning.Training;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Training;
using SoupsActors.Tensors;
using SoupsActors.Tensors.Cpu;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Trainings.Work;

/// <summary>The minutes of a training are over.</summary>
internal sealed class TimeOverException(double minutes) : Exception($"The budget of {minutes:0.##} minutes is over.");

/// <summary>What the phases need from around them; the same for all trainings of a device.</summary>
internal sealed record StageServices(
    DeviceEngine Engine,
    IComparisonSource Comparisons,
    ITrainingGuide Guide,
    TrainingOptions Options,
    TimeProvider Clock);

/// <summary>One phase at work.</summary>
/// <param name="services">What it needs from around it.</param>
/// <param name="job">What it is to do.</param>
/// <param name="folder">The training's files.</param>
/// <param name="model">What serves; its weights are the base and its engine samples.</param>
/// <param name="gate">Awaited between batches.</param>
/// <param name="report">Told about steps.</param>
internal sealed class StageContext(
    StageServices services,
    TrainingJob job,
    TrainingFolder folder,
    LoadedModel model,
    ServingGate gate,
    Action<TrainingProgress> report)
{
    private readonly long start = services.Clock.GetTimestamp();

    public StageServices Services { get; } = services;

    public TrainingJob Job { get; } = job;

    public TrainingStatus Training => Job.Training;

    public TrainingRequest Request => Job.Training.Request;

    public TrainingFolder Folder { get; } = folder;

    public LoadedModel Model { get; } = model;

    /// <summary>Prompts and answers as the model reads them.</summary>
    public ConversationFormat Format { get; } = ConversationFormat.Of(model.Model);

    public ExpertStore Experts => Services.Engine.Experts;

    /// <summary>Whether the minutes of the request are over.</summary>
    public bool IsTimeOver => Job.SecondsLeft is { } left
        && left <= Services.Clock.GetElapsedTime(start).TotalSeconds;

    /// <summary>Lets users go first; a phase that cannot end early ends here when its time is over.</summary>
    /// <exception cref="TimeOverException">The minutes of the request are over.</exception>
    public ValueTask BetweenBatchesAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (IsTimeOver)
            throw new TimeOverException(Request.Minutes!.Value);
        return gate.PassAsync(cancellationToken);
    }

    /// <summary>Lets users go first, and ends here where the training is to stop.</summary>
    public ValueTask YieldAsync(CancellationToken cancellationToken) => gate.PassAsync(cancellationToken);

    /// <summary>Opens threads of the training's own; call it on the training's thread.</summary>
    public Backend OpenBackend() => CpuBackend.Create(new CpuOptions { Threads = Services.Options.Threads });

    /// <summary>Samples from the engine that serves, after its users.</summary>
    public EngineRollouts OpenRollouts() =>
        new(Model.Engine, Format, Model.Model.StopTokens, background: true);

    /// <summary>The base for learning, with weights of its own beside those that serve.</summary>
    public TrainableTransformer OpenBase(Backend backend) => TrainableTransformer.Frozen(backend, Model.Model.Weights);

    /// <summary>The version that the new one is compared with and may start from, or null for the base.</summary>
    public Expert? LoadParent() => Job.Opponent is { } version
        ? Experts.Load(new SoupsActors.Experts.ExpertLease(
            Job.Run, Training.Expert, version.Number, version.Hash, version.Path, version.BaseHash, Training.Preference,
            DateTimeOffset.MaxValue))
        : null;

    /// <summary>Brings the parent's weights here; another silo may have trained or registered them.</summary>
    public Task FetchParentAsync(CancellationToken cancellationToken) => Job.Opponent is { } version
        ? Services.Engine.Files.EnsureAsync(version.Hash, cancellationToken)
        : Task.CompletedTask;

    public void Report(int step, int steps, IReadOnlyDictionary<string, double>? metrics = null) => report(
        new TrainingProgress(Training.Phase, step, steps, metrics is null
            ? []
            : new Dictionary<string, double>(metrics.Where(m => double.IsFinite(m.Value)))));

    /// <summary>Tells steps on, and writes them to the phase's metrics where a path is given.</summary>
    public StageProgress Progress(int steps, string? metricsPath = null) => new(this, steps, metricsPath);
}

/// <summary>Steps of a loop on their way to the trainer and, for loops that do not log themselves, to a file.</summary>
internal sealed class StageProgress(StageContext context, int steps, string? metricsPath)
    : IProgress<TrainingMetrics>, IDisposable
{
    private MetricLog? log;

    /// <summary>What came last.</summary>
    public TrainingMetrics? Last { get; private set; }

    public void Report(TrainingMetrics value)
    {
        Last = value;
        if (metricsPath is not null)
        {
            // The first step of this run tells where the checkpoint was; what was logged after it is measured again.
            log ??= MetricLog.Open(metricsPath, value.Step - 1);
            log.Report(value);
        }

        context.Report(value.Step, steps, value.Values);
    }

    public void Dispose() => log?.Dispose();
}
