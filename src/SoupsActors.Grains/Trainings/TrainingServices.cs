using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SoupsActors.Grains.Device;
using SoupsActors.Grains.Trainings.Work;
using SoupsActors.Learning.Data;
using SoupsActors.Preferences;

namespace SoupsActors.Grains.Trainings;

/// <summary>What training beside a <see cref="DeviceEngine"/> needs.</summary>
public static class TrainingServices
{
    /// <summary>Adds it. The host may register an <see cref="ITrainingGuide"/> that knows more.</summary>
    /// <param name="services">Has a <see cref="DeviceEngine"/> and what grains need.</param>
    /// <param name="dataPath">The data directory.</param>
    public static IServiceCollection AddSoupsTraining(
        this IServiceCollection services, Func<IServiceProvider, string> dataPath)
    {
        ArgumentNullException.ThrowIfNull(dataPath);
        services.AddOptions<TrainingOptions>();
        services.TryAddSingleton<ITrainingGuide, TrainingGuide>();
        services.AddSingleton(provider => new TrainingWorker(
            new StageServices(
                provider.GetRequiredService<DeviceEngine>(),
                provider.GetRequiredService<IComparisonSource>(),
                provider.GetRequiredService<ITrainingGuide>(),
                provider.GetRequiredService<IOptions<TrainingOptions>>().Value,
                provider.GetRequiredService<TimeProvider>()),
            dataPath(provider),
            provider.GetRequiredService<IGrainFactory>(),
            provider.GetRequiredService<ILogger<TrainingWorker>>()));
        services.AddSingleton<ITrainingDevice>(provider => provider.GetRequiredService<TrainingWorker>());
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<TrainingWorker>());
        services.AddSingleton<UnfinishedTrainings>();
        return services;
    }
}

/// <summary>Goes on with the trainings that the last process left; reminders would do so too, but later.</summary>
public sealed partial class UnfinishedTrainings(IGrainFactory grains, ILogger<UnfinishedTrainings> logger)
{
    /// <summary>Wakes the trainer of every preference; call it once the preferences are known.</summary>
    public async Task ResumeAsync()
    {
        foreach (var preference in await grains.GetGrain<IPreferenceCatalogGrain>(IPreferenceCatalogGrain.Key).List())
        {
            try
            {
                await grains.GetGrain<ITrainerInbox>(preference.Id).Wake();
            }
            catch (Exception error)
            {
                LogNotWoken(error, preference.Id);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The trainer of {Preference} could not be woken; its reminder will.")]
    private partial void LogNotWoken(Exception error, string preference);
}
