using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Grains.Generation;

namespace SoupsActors.Grains;

/// <summary>What grains get injected, apart from storage and the engine.</summary>
public static class GrainServices
{
    /// <summary>
    /// Adds it. The host adds storage under <see cref="GrainStorageNames.Soups"/> and an <see cref="ITextEngine"/>.
    /// </summary>
    public static IServiceCollection AddSoupsGrains(this IServiceCollection services)
    {
        services.AddOptions<ConversationOptions>();
        services.AddSingleton<MixResolver>();
        services.AddSingleton<RequestWalk>();
        return services;
    }
}
