using SoupsActors.Generation;
using SoupsActors.Silo.Http;

namespace SoupsActors.Silo.Api.OpenAi;

/// <summary>GET /v1/generators: the devices that answer, how busy they are, and which experts they hold.</summary>
internal static class GeneratorEndpoints
{
    public static void MapGenerators(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/generators", ListAsync)
            .WithAccess(AccessPolicy.Key)
            .WithTags("Models")
            .WithSummary("The devices that answer, how busy they are, and which experts they hold by content hash.");

    private static async Task<ListBody<GeneratorBody>> ListAsync(IGrainFactory grains)
    {
        var directory = grains.GetGrain<IGeneratorDirectoryGrain>(IGeneratorDirectoryGrain.Key);
        return new ListBody<GeneratorBody>([.. (await directory.Exchange([])).Generators.Select(GeneratorBody.From)]);
    }
}

/// <summary>A device that answers.</summary>
internal sealed record GeneratorBody(
    string Id,
    string Model,
    string BaseHash,
    int Waiting,
    int Running,
    int Places,
    string[] ResidentExperts,
    int ExpertSlots,
    double TokensPerSecond,
    string Object = "generator")
{
    public static GeneratorBody From(GeneratorReport report) => new(
        report.Key,
        report.Model.Name,
        report.Model.BaseHash,
        report.Load.Waiting,
        report.Load.Running,
        report.Load.Places,
        report.Load.Resident,
        report.Load.Slots,
        report.Load.TokensPerSecond);
}
