using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SoupsActors.Experts;
using SoupsActors.Grains.Storage;
using SoupsActors.Grains.Trainings;
using SoupsActors.Learning.Data;
using SoupsActors.Learning.Judging;
using SoupsActors.Preferences;
using SoupsActors.Testing;
using SoupsActors.Trainings;

namespace SoupsActors.Grains.Tests.Trainings;

/// <summary>
/// Trainers on durable storage with a fake device and a clock that tests move; it can be stopped like a process and
/// started again on what it had stored.
/// </summary>
public sealed class TrainerSilo : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private IHost host = null!;

    internal FakeTrainingDevice Device { get; } = new();

    internal ManualTimeProvider Clock { get; } = new();

    internal FakeComparisons Comparisons { get; } = new();

    internal TrainingOptions Training { get; } = new();

    internal ITrainerGrain Trainer(string preference = "P1A") => host.Services
        .GetRequiredService<IGrainFactory>().GetGrain<ITrainerGrain>(preference);

    internal IExpertGrain Expert(string id = "P1A") => host.Services
        .GetRequiredService<IGrainFactory>().GetGrain<IExpertGrain>(id);

    public async ValueTask InitializeAsync()
    {
        await StartAsync();
        var grains = host.Services.GetRequiredService<IGrainFactory>();
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
    internal Task WakeAsync(string preference = "P1A") => host.Services
        .GetRequiredService<IGrainFactory>().GetGrain<ITrainerInbox>(preference).Wake();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        folder.Dispose();
    }

    private async Task StartAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(Clock);
        builder.Services.AddSingleton(_ => SqliteDatabase.Open(folder["soups.db"]));
        builder.Services.AddSingleton<ITrainingDevice>(Device);
        builder.Services.AddSoupsGrains();
        builder.Services.AddSingleton<IComparisonSource>(Comparisons);
        builder.Services.AddSingleton<ITrainingGuide>(new RulesForP1A());
        builder.Services.AddSingleton(Options.Create(Training));
        builder.UseOrleans(silo => silo.AddSoupsStorage());
        host = builder.Build();
        await host.StartAsync();
        Device.Grains = host.Services.GetRequiredService<IGrainFactory>();
    }

    private async Task StopAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }
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
}

internal sealed class RulesForP1A : TrainingGuide, IJudge
{
    public string Id => "rules";

    public override IJudge? Rules(string preference) => preference == "P1A" ? this : null;

    public Task<Judgement> CompareAsync(
        Criterion criterion, string prompt, string answerA, string answerB, CancellationToken cancellationToken = default) =>
        Task.FromResult(Judgement.Tie);
}
