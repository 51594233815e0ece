using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SoupsActors.Grains.Experts;
using SoupsActors.Grains.Feedback;
using SoupsActors.Grains.Generation;
using SoupsActors.Learning.Data;
using SoupsActors.Placement;

namespace SoupsActors.Grains;

/// <summary>What grains get injected, apart from storage and the engine.</summary>
public static class GrainServices
{
    /// <summary>
    /// Adds it. The host adds storage as <see cref="Storage.StorageProviders"/> does (where that has not said what keeps
    /// feedback, a <see cref="Storage.SqliteDatabase"/> does), the grains' placement (<see
    /// cref="Placement.PlacementSiloBuilderExtensions"/>), and a <see cref="GeneratorDevice"/> for each of its devices.
    /// </summary>
    public static IServiceCollection AddSoupsGrains(this IServiceCollection services)
    {
        services.AddOptions<ConversationOptions>();
        services.AddOptions<InteractionOptions>();
        services.AddOptions<PlacementOptions>();
        services.TryAddSingleton(new ImportFolder(null));
        services.AddSingleton<GeneratorDevices>();
        services.AddSingleton<GeneratorDirectory>();
        services.AddSingleton<GeneratorSelection>();
        services.AddSingleton<GeneratorRoute>();
        services.AddSingleton<Retries>();
        services.AddHostedService<GeneratorHeartbeat>();
        services.AddTransient<ExpertDemand>();
        services.AddSingleton<MixResolver>();
        services.AddSingleton<RequestWalk>();
        services.TryAddSingleton<IInteractionStore, SqliteInteractionStore>();
        services.AddSingleton<InteractionLog>();
        services.TryAddSingleton<IFeedbackStore, SqliteFeedbackStore>();
        services.AddSingleton<FeedbackContexts>();
        services.AddOptions<Storage.StorageOptions>();
        services.AddSingleton(provider => new FeedbackRetention(
            provider.GetRequiredService<IFeedbackStore>(),
            provider.GetRequiredService<IOptions<Storage.StorageOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IComparisonSource, FeedbackComparisonSource>();
        return services;
    }
}
