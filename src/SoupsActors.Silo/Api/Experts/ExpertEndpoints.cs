using SoupsActors.Experts;
using SoupsActors.Silo.Api.OpenAi;
using SoupsActors.Silo.Http;

namespace SoupsActors.Silo.Api.Experts;

/// <summary>/v1/experts: list, register from a folder, choose versions, remove.</summary>
internal static class ExpertEndpoints
{
    public static void MapExperts(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/experts").WithAccess(AccessPolicy.Key).WithTags("Experts");
        group.MapGet("", async (IGrainFactory grains) =>
                new ListBody<ExpertBody>([.. (await Registry(grains).List()).Select(ExpertBody.From)]))
            .WithSummary("All experts.");
        group.MapGet("/{id}", FindAsync)
            .WithSummary("One expert with all its versions.")
            .Produces<ErrorBody>(StatusCodes.Status404NotFound);
        group.MapPost("", RegisterAsync)
            .WithSummary("Registers a folder below the import directory as an expert, or as its next version.")
            .Accepts<RegisterFields>("application/json")
            .Produces<ExpertBody>(StatusCodes.Status201Created)
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest);
        group.MapPost("/{id}/pin", PinAsync)
            .WithSummary("Keeps a version current whatever is published.")
            .Accepts<PinFields>("application/json");
        group.MapDelete("/{id}/pin", async (HttpContext context, IGrainFactory grains, string id) =>
                ExpertBody.From(await Expert(grains, id).Unpin(WriteConditions.OperationId(context))))
            .WithSummary("Makes the newest version current.");
        group.MapPost("/{id}/rollback", async (HttpContext context, IGrainFactory grains, string id) =>
                ExpertBody.From(await Expert(grains, id).Rollback(WriteConditions.OperationId(context))))
            .WithSummary("Goes back one version and stays there.");
        group.MapDelete("/{id}", RemoveAsync)
            .WithSummary("Removes an expert; requests under way end on the versions they leased.")
            .Produces<ErrorBody>(StatusCodes.Status404NotFound);
    }

    private static async Task<ExpertBody> FindAsync(IGrainFactory grains, string id) =>
        await Expert(grains, id).Describe() is { } expert ? ExpertBody.From(expert) : throw Unknown(id);

    private static async Task RegisterAsync(HttpContext context, IExpertImport imports)
    {
        var fields = await JsonBody.ReadAsync<RegisterFields>(context);
        var expert = await imports.RegisterAsync(
            fields.Id, fields.Path, WriteConditions.OperationId(context), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = $"/v1/experts/{expert.Id}";
        await context.Response.WriteAsJsonAsync(ExpertBody.From(expert), ApiJson.Options, context.RequestAborted);
    }

    private static async Task<ExpertBody> PinAsync(HttpContext context, IGrainFactory grains, string id)
    {
        var version = (await JsonBody.ReadAsync<PinFields>(context)).Version
            ?? throw ApiException.BadRequest("`version` is missing.", "invalid_request", "version");
        return ExpertBody.From(await Expert(grains, id).Pin(version, WriteConditions.OperationId(context)));
    }

    private static async Task<DeletedBody> RemoveAsync(HttpContext context, IGrainFactory grains, string id)
    {
        await Expert(grains, id).Remove(WriteConditions.OperationId(context));
        return new DeletedBody(id, "expert");
    }

    // An id that no expert can have is unknown rather than wrong: it names nothing.
    private static IExpertGrain Expert(IGrainFactory grains, string id) =>
        Identifiers.IsExpert(id) ? grains.GetGrain<IExpertGrain>(id) : throw Unknown(id);

    private static IExpertRegistryGrain Registry(IGrainFactory grains) =>
        grains.GetGrain<IExpertRegistryGrain>(IExpertRegistryGrain.Key);

    private static ApiException Unknown(string id) => new(
        StatusCodes.Status404NotFound,
        $"There is no expert '{id}'. GET /v1/experts lists those there are.",
        "unknown_expert",
        "id");
}
