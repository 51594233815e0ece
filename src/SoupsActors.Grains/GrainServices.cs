using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SoupsActors.Grains.Feedback;
using SoupsActors.Grains.Generation;
using SoupsActors.Learning.Data;

namespace SoupsActors.Grains;

/// <summary>What grains get injected, apart from storage and the engine.</summary>
public static class GrainServices
{
    /// <summary>
    /// Adds it. The host adds an <see cref="ITextEngine"/> and storage as <see cref="Storage.StorageProviders"/> does;
    /// where that has not said what keeps feedback, a <see cref="Storage.SqliteDatabase"/> does.
    /// </summary>
    public static IServiceCollection AddSoupsGrains(this IServiceCollection services)
    {
        services.AddOptions<ConversationOptions>();
        services.AddOptions<InteractionOptions>();
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
