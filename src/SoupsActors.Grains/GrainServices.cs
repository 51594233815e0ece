using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Grains.Feedback;
using SoupsActors.Grains.Generation;
using SoupsActors.Grains.Users.Directory;
using SoupsActors.Learning.Data;

namespace SoupsActors.Grains;

/// <summary>What grains get injected, apart from storage and the engine.</summary>
public static class GrainServices
{
    /// <summary>
    /// Adds it. The host adds storage under <see cref="GrainStorageNames.Soups"/>, a
    /// <see cref="Storage.SqliteDatabase"/> and an <see cref="ITextEngine"/>.
    /// </summary>
    public static IServiceCollection AddSoupsGrains(this IServiceCollection services)
    {
        services.AddOptions<ConversationOptions>();
        services.AddOptions<InteractionOptions>();
        services.AddSingleton<MixResolver>();
        services.AddSingleton<RequestWalk>();
        services.AddSingleton<InteractionStore>();
        services.AddSingleton<InteractionLog>();
        services.AddSingleton<FeedbackStore>();
        services.AddSingleton<FeedbackContexts>();
        services.AddSingleton<IComparisonSource, FeedbackComparisonSource>();
        services.AddSingleton<SqliteStoredProfiles>();
        services.AddSingleton<IStoredUsers>(provider => provider.GetRequiredService<SqliteStoredProfiles>());
        services.AddSingleton<IStoredProfiles>(provider => provider.GetRequiredService<SqliteStoredProfiles>());
        services.AddSingleton<IStoredUsers, SqliteStoredAnswers>();
        return services;
    }
}
