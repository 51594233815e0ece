using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;
using Orleans.Storage;
using SoupsActors.Experts;
using SoupsActors.Grains.Placement;
using SoupsActors.Grains.Storage;
using SoupsActors.Grains.Trainings;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Judging;
using SoupsActors.Preferences;
using SoupsActors.Testing;
using SoupsActors.Testing.Hosting;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Tests.Trainings;

/// <summary>
/// Trainers on durable storage with a fake device and a clock that tests move; it can be stopped like a process and
/// started again on what it had stored.
/// </summary>
public sealed class TrainerSilo : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private GrainTestHost host = null!;

    internal FakeTrainingDevice Device { get; } = new();

    internal ManualTimeProvider Clock { get; } = new();

    internal FakeComparisons Comparisons { get; } = new();

    internal TrainingOptions Training { get; } = new();

    /// <summary>Lets a test hold what grains store.</summary>
    internal HeldWrites Writes { get; } = new();

    internal ITrainerGrain Trainer(string preference = "P1A") => host.Grains.GetGrain<ITrainerGrain>(preference);

    internal IGrainFactory Grains => host.Grains;

    internal IExpertGrain Expert(string id = "P1A") => host.Grains.GetGrain<IExpertGrain>(id);

    public async ValueTask InitializeAsync()
    {
        await StartAsync();
        var grains = host.Grains;
        await grains.GetGrain<IPreferenceCatalogGrain>(IPreferenceCatalogGrain.Key).Replace(
            [
                new Preference("P1A", "expertise", "child", "Say it simply.", "simple", "P1A"),
                new Preference("P2B", "informativeness", "full", "Say it all.", "full", "P2B"),
            ],
            TestSilo.Op());
        await Expert().Publish(TestSilo.Weights("hash-1", "P1A"), TestSilo.Op());
    }

    /// <summary>Ends everything in memory and starts anew on the stored state.</summary>
    internal async Task RestartAsync()
    {
        await StopAsync();
        Device.Crash();
        await StartAsync();
    }

    /// <summary>What the start of a process does for a preference.</summary>
    internal Task WakeAsync(string preference = "P1A") => host.Grains.GetGrain<ITrainerInbox>(preference).Wake();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        folder.Dispose();
    }

    private async Task StartAsync()
    {
        host = await GrainTestHost.StartAsync(
            Clock,
            services =>
            {
                services.AddSingleton(_ => SqliteDatabase.Open(folder["soups.db"]));
                services.AddSingleton<ITrainingDevice>(Device);
                services.AddSoupsGrains();
                services.AddSingleton<IComparisonSource>(Comparisons);
                services.AddSingleton<ITrainingGuide>(new RulesForP1A());
                services.AddSingleton(Options.Create(Training));
            },
            silo =>
            {
                silo.AddSoupsStorage().AddSoupsPlacement(SiloRoles.All);
                silo.Services.AddGrainStorage(
                    GrainStorageNames.Soups,
                    (services, _) => new HeldStorage(
                        new SqliteGrainStorage(services.GetRequiredService<SqliteDatabase>()), Writes));
            });
        Device.Grains = host.Grains;
    }

    private Task StopAsync() => host.DisposeAsync().AsTask();
}

/// <summary>As many comparisons of each preference as the test says, one for each position.</summary>
internal sealed class FakeComparisons : IComparisonSource
{
    public long Last { get; set; } = 100;

    public Task<ComparisonCount> CountAsync(
        string? preference, long after = 0, CancellationToken cancellationToken = default) =>
        Task.FromResult(new ComparisonCount(Math.Max(0, Last - after), Math.Max(after, Last)));

    public IAsyncEnumerable<PlacedComparison> ReadAsync(
        string? preference, long after = 0, long through = long.MaxValue, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("The device reads.");

    public IAsyncEnumerable<PlacedLabel> ReadLabelsAsync(
        string? preference, long after = 0, long through = long.MaxValue, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("The device reads.");

    public IAsyncEnumerable<PlacedSegment> ReadSegmentsAsync(
        string? preference, long after = 0, long through = long.MaxValue, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("The device reads.");
}

/// <summary>Writes that wait until a test lets them go on.</summary>
internal sealed class HeldWrites
{
    private TaskCompletionSource? reached;
    private TaskCompletionSource? released;

    /// <summary>Holds all writes from now on; completes when the first one waits.</summary>
    public Task HoldAsync()
    {
        reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return reached.Task;
    }

    public void Release() => released?.TrySetResult();

    public Task PassAsync()
    {
        reached?.TrySetResult();
        return released?.Task ?? Task.CompletedTask;
    }
}

internal sealed class HeldStorage(IGrainStorage storage, HeldWrites writes) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        storage.ReadStateAsync(stateName, grainId, grainState);

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await writes.PassAsync();
        await storage.WriteStateAsync(stateName, grainId, grainState);
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        storage.ClearStateAsync(stateName, grainId, grainState);
}

internal sealed class RulesForP1A : TrainingGuide, IJudge
{
    public string Id => "rules";

    public override IJudge? Rules(string preference) => preference == "P1A" ? this : null;

    public Task<Judgement> CompareAsync(
        Criterion criterion, string prompt, string answerA, string answerB, CancellationToken cancellationToken = default) =>
        Task.FromResult(Judgement.Tie);
}
