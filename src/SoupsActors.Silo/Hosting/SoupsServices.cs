using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using SoupsActors.Grains;
using SoupsActors.Grains.Device;
using SoupsActors.Grains.Experts;
using SoupsActors.Grains.Generation;
using SoupsActors.Grains.Judging;
using SoupsActors.Grains.Placement;
using SoupsActors.Grains.Trainings;
using SoupsActors.Silo.Statistics;
using SoupsActors.Tensors.Cpu;

namespace SoupsActors.Silo.Hosting;

/// <summary>The services behind the HTTP interface.</summary>
internal static class SoupsServices
{
    public static IServiceCollection AddSoups(this IServiceCollection services, SiloRoles roles)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<DataDirectory>();
        services.AddSingleton(provider => provider.GetRequiredService<DataDirectory>().OpenDatabase());
        services.AddSingleton(provider => Options.Create(
            provider.GetRequiredService<IOptions<SoupsOptions>>().Value.Storage));
        services.AddSoupsGrains();
        services.AddSingleton(provider => Options.Create(
            provider.GetRequiredService<IOptions<SoupsOptions>>().Value.Placement));
        if ((roles & (SiloRoles.Generator | SiloRoles.Trainer)) != SiloRoles.None)
            services.AddDevice();
        if (roles.HasFlag(SiloRoles.Generator))
        {
            services.AddSingleton(provider => new GeneratorDevice(
                provider.GetRequiredService<IOptions<SoupsOptions>>().Value.SiloName,
                provider.GetRequiredService<ITextEngine>()));
        }

        if (roles.HasFlag(SiloRoles.Trainer))
            services.AddSoupsTraining(provider => provider.GetRequiredService<DataDirectory>().Path);
        services.AddSingleton(provider => Options.Create(
            provider.GetRequiredService<IOptions<SoupsOptions>>().Value.Training));
        services.AddSingleton<ITrainingGuide>(provider =>
            provider.GetRequiredService<IOptions<SoupsOptions>>().Value.Model is null
                ? new MiniatureGuide(provider.GetService<IChatClient>())
                : new ChatGuide(provider.GetService<IChatClient>()));
        services.AddSingleton<IAnswerCritic, RuleCritic>();
        services.AddSingleton<StartupState>();
        services.AddSoupsStatistics();
        services.AddHostedService<ModelStartup>();
        if (roles.HasFlag(SiloRoles.Gateway))
            services.AddHostedService<Pruning>();
        services.AddHostedService<Telemetry>();
        return services;
    }

    /// <summary>The model on this silo's device, for those that generate and those that train.</summary>
    private static void AddDevice(this IServiceCollection services)
    {
        services.AddSingleton(Device);
        services.AddSingleton(provider => new DeviceEngine(
            provider.GetRequiredService<DeviceSettings>(),
            provider.GetRequiredService<DataDirectory>().Path,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>(),
            provider.GetService<IMeterFactory>(),
            store => ActivatorUtilities.CreateInstance<PeerExpertFiles>(provider, store)));
        services.AddSingleton<ITextEngine>(provider => provider.GetRequiredService<DeviceEngine>());
        services.AddSingleton(provider => provider.GetRequiredService<DeviceEngine>().Experts);
        services.AddExpertFiles();
        services.AddHostedService<EngineWatch>();
    }

    private static DeviceSettings Device(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<SoupsOptions>>().Value;
        return new DeviceSettings
        {
            Package = ModelPackage.Find(options.ModelPath) ?? throw new InvalidOperationException(
                $"There is no model in {options.ModelPath}. Set Soups:Model to a Hugging Face folder."),
            ChatTemplate = options.ChatTemplate,
            OpenBackend = () => CpuBackend.Create(new CpuOptions { Threads = options.Threads ?? 0 }),
            CacheTokens = options.CacheTokens,
            DefaultMaxTokens = options.DefaultMaxTokens,
            Engine = options.Engine,
            ExpertDirectory = options.ExpertFiles.Directory is { } shared ? Path.GetFullPath(shared) : null,
        };
    }
}
