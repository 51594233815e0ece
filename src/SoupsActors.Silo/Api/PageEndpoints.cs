using SoupsActors.Silo.Http;

namespace SoupsActors.Silo.Api;

/// <summary>
/// GET /: a page to try the server with. It is static, and open where a key is set: the page asks for the key.
/// </summary>
internal static class PageEndpoints
{
    private static readonly byte[] Page = Read();

    public static void MapPage(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/", static () => TypedResults.Bytes(Page, "text/html; charset=utf-8"))
            .WithAccess(AccessPolicy.Open)
            .ExcludeFromDescription();

    private static byte[] Read()
    {
        using var stream = typeof(PageEndpoints).Assembly.GetManifestResourceStream("index.html")
            ?? throw new InvalidOperationException("The page is not part of the program.");
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
