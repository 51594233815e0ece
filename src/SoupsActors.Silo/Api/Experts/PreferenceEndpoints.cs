using SoupsActors.Experts;
using SoupsActors.Preferences;
using SoupsActors.Silo.Api.OpenAi;
using SoupsActors.Silo.Http;

namespace SoupsActors.Silo.Api.Experts;

/// <summary>GET /v1/preferences.</summary>
internal static class PreferenceEndpoints
{
    public static void MapPreferences(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/preferences", ListAsync)
            .WithAccess(AccessPolicy.Key)
            .WithTags("Experts")
            .WithSummary("The preferences that a mix can name, and whether their experts are there.");

    private static async Task<ListBody<PreferenceBody>> ListAsync(IGrainFactory grains)
    {
        var preferences = await grains.GetGrain<IPreferenceCatalogGrain>(IPreferenceCatalogGrain.Key).List();
        var experts = await grains.GetGrain<IExpertRegistryGrain>(IExpertRegistryGrain.Key).List();
        var ids = experts.Select(e => e.Id).ToHashSet(StringComparer.Ordinal);
        return new ListBody<PreferenceBody>(
            [.. preferences.Select(p => PreferenceBody.From(p, ids.Contains(p.ExpertId)))]);
    }
}
