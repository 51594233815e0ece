using SoupsActors.Grains.Device;

namespace SoupsActors.Silo.Statistics;

/// <summary>What the overview of the cluster stands on.</summary>
internal static class StatisticsServices
{
    public static IServiceCollection AddSoupsStatistics(this IServiceCollection services)
    {
        services.AddSingleton<ServingHistory>();
        services.AddSingleton<ServingMeters>();
        services.AddSingleton<GrainCallStatistics>();
        services.AddSingleton<IIncomingGrainCallFilter>(provider => provider.GetRequiredService<GrainCallStatistics>());
        services.AddSingleton<LogRing>();
        services.AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<LogRing>());
        services.AddSingleton<StorageSizes>();

        // Silos without a device have neither of these.
        services.AddSingleton(provider => new PartLicences(provider.GetService<DeviceSettings>()));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<SiloWatch>(
            provider, new ComputingDevice(provider.GetService<DeviceEngine>())));
        services.AddHostedService<SiloReporter>();
        return services;
    }
}
