using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using SoupsActors.Grains.Experts;
using SoupsActors.Silo.Http;

namespace SoupsActors.Silo.Api.Experts;

/// <summary>
/// /v1/internal/experts/{hash}: the weights that this silo has, for other silos. Files are sent in parts where asked, and
/// their sums are their tags, so that a broken transfer goes on with the same content or starts anew.
/// </summary>
internal static class ExpertFileEndpoints
{
    private static readonly ConcurrentDictionary<(string Folder, DateTime Written), Task<ExpertManifest>> Manifests = new();

    public static void MapExpertFiles(this IEndpointRouteBuilder routes)
    {
        // Silos without a device have no weights.
        if (!routes.ServiceProvider.GetRequiredService<IServiceProviderIsService>().IsService(typeof(ExpertStore)))
            return;
        var group = routes.MapGroup(ExpertManifest.Route).WithAccess(AccessPolicy.Cluster).ExcludeFromDescription();
        group.MapGet("/{hash}", async (ExpertStore store, string hash) =>
            TypedResults.Json(await ManifestAsync(store, hash)));
        group.MapGet("/{hash}/{file}", FileAsync);
    }

    private static async Task<PhysicalFileHttpResult> FileAsync(ExpertStore store, string hash, string file)
    {
        var manifest = await ManifestAsync(store, hash);
        var found = Array.Find(manifest.Files, f => f.Name == file) ?? throw Unknown();
        return TypedResults.PhysicalFile(
            Path.Combine(store.Find(hash) ?? throw Unknown(), found.Name),
            "application/octet-stream",
            entityTag: new EntityTagHeaderValue($"\"{found.Sha256}\""),
            enableRangeProcessing: true);
    }

    // Folders never change, so that each is summed once; one that was collected and came back is another one.
    private static async Task<ExpertManifest> ManifestAsync(ExpertStore store, string hash)
    {
        var folder = store.Find(hash) ?? throw Unknown();
        var written = ExpertManifest.RequiredNames.Max(name => File.GetLastWriteTimeUtc(Path.Combine(folder, name)));
        var summing = Manifests.GetOrAdd((folder, written), _ => ExpertManifest.OfAsync(hash, folder, CancellationToken.None));
        try
        {
            return await summing;
        }
        catch
        {
            Manifests.TryRemove(new((folder, written), summing));
            throw;
        }
    }

    private static SoupsException Unknown() =>
        SoupsException.NotFound("This silo does not have these weights.", "unknown_weights");
}
