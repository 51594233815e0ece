using Microsoft.Extensions.Logging.Abstractions;
using SoupsActors.Grains.Device;
using SoupsActors.Grains.Trainings;
using SoupsActors.Grains.Trainings.Stages;
using SoupsActors.Grains.Trainings.Work;
using SoupsActors.Learning.Data;
using SoupsActors.Testing;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Tests.Trainings;

/// <summary>The device's side of trainings on a tiny random model, phase by phase, without trainers.</summary>
internal sealed class TrainingLab : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();

    public TrainingLab()
    {
        var model = TinyModel.Create(folder["model"], context: 64);
        Engine = new DeviceEngine(
            new DeviceSettings
            {
                Package = ModelPackage.Find(model.Folder)!,
                OpenBackend = () => new ReferenceBackend(),
                CacheTokens = 256,
            },
            Data,
            Clock,
            NullLoggerFactory.Instance);
        Services = new StageServices(
            Engine, new FakeComparisons(), new TrainingGuide(), new TrainingOptions { Niceness = 0 }, Clock);
    }

    public ManualTimeProvider Clock { get; } = new();

    public DeviceEngine Engine { get; }

    public StageServices Services { get; }

    public string Data => folder["data"];

    /// <summary>A training at a phase.</summary>
    public TrainingStatus Training(TrainingPhase phase, TrainingRequest? request = null, string id = "P1A-1") => new()
    {
        Id = id,
        Preference = "P1A",
        Expert = "P1A",
        Phase = phase,
        Request = request ?? new(),
        StartedAt = Clock.GetUtcNow(),
    };

    /// <summary>The files of a training, where the worker has them too.</summary>
    public TrainingFolder Folder(string training) => new(Path.Combine(Data, "trainings"), training);

    /// <summary>Gives a training some comparisons, as collecting them does.</summary>
    public async Task<TrainingStatus> CollectAsync(TrainingStatus training)
    {
        var pairs = Enumerable.Range(0, 12)
            .Select(i => new Comparison($"Who made soup {i}?", "The cook.", $"Salt {i}, onions."))
            .ToArray();
        var files = Folder(training.Id);
        files.Open(training);
        var parts = pairs.Zip(TrainingSet.Split(pairs, Services.Guide)!);
        var hash = await TrainingFile.WriteAsync(files.Data, parts, default);
        var set = TrainingSet.Of(parts, Services.Guide);
        return training with { Data = new TrainingData(hash, set.Learnt.Count, set.HeldOut.Count, 12) };
    }

    /// <summary>Works on a phase as the worker does, on a thread of its own.</summary>
    public async Task<T> RunAsync<T>(
        TrainingStatus training, Action<TrainingProgress> report, Func<StageContext, Task<T>> stage)
    {
        var model = await Engine.WaitAsync(default);
        return await TrainingThread.RunAsync(0, lowered => stage(new StageContext(
            Services,
            new TrainingJob { Run = "run", Training = training },
            Folder(training.Id),
            model,
            new ServingGate(model.Engine, lowered, Clock),
            report)));
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        folder.Dispose();
    }
}
