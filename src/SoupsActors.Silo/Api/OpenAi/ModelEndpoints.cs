using SoupsActors.Experts;
using SoupsActors.Grains.Generation;
using SoupsActors.Silo.Http;

namespace SoupsActors.Silo.Api.OpenAi;

/// <summary>GET /v1/models: the base, the soup and every expert.</summary>
internal static class ModelEndpoints
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/models").WithAccess(AccessPolicy.Key).WithTags("Models");
        group.MapGet("", async (IGrainFactory grains, GeneratorDirectory generators) =>
                new ListBody<ModelBody>(await ListAsync(grains, generators)))
            .WithSummary("Lists the names that `model` takes.");
        group.MapGet("/{id}", FindAsync)
            .WithSummary("One of them.")
            .Produces<ErrorBody>(StatusCodes.Status404NotFound);
    }

    private static async Task<ModelBody> FindAsync(string id, IGrainFactory grains, GeneratorDirectory generators) =>
        Array.Find(await ListAsync(grains, generators), m => m.Id == id) ?? throw ModelNames.Unknown(id);

    private static async Task<ModelBody[]> ListAsync(IGrainFactory grains, GeneratorDirectory generators)
    {
        var model = await generators.DescribeModelAsync();
        var experts = await grains.GetGrain<IExpertRegistryGrain>(IExpertRegistryGrain.Key).List();
        var loaded = model.LoadedAt.ToUnixTimeSeconds();
        return
        [
            new ModelBody(ModelNames.Soup, loaded, model.Name, ModelNames.Base),
            new ModelBody(ModelNames.Base, loaded, model.Name, null),
            .. experts.Select(e => new ModelBody(
                e.Id, e.Current.PublishedAt.ToUnixTimeSeconds(), e.Current.Hash, ModelNames.Base)),
        ];
    }
}
