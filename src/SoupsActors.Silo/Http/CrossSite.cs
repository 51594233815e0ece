using Microsoft.Net.Http.Headers;

namespace SoupsActors.Silo.Http;

/// <summary>
/// Requests that a page of another site has its reader's browser send. Such a page needs no answer to do harm: where no key
/// is set, or a cookie goes along, the request alone would roll back an expert or open the dashboard's connection.
/// </summary>
internal static class CrossSite
{
    /// <summary>
    /// Whether a browser says that the request comes from elsewhere (W3C Fetch Metadata; where it sends none, the origin is
    /// compared with the host that was asked). Programs that are no browsers send neither header.
    /// </summary>
    /// <param name="request">The request; one that only reads is never refused, for its answer stays with the browser.</param>
    public static bool Sent(HttpRequest request)
    {
        if (IsReading(request))
            return false;
        if (request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site)
            return site is not ("same-origin" or "none");
        return request.Headers.Origin.ToString() is { Length: > 0 } origin
            && !(Uri.TryCreate(origin, UriKind.Absolute, out var from)
                && new HostString(from.Authority).Equals(new HostString(Authority(request, from.Scheme))));
    }

    private static bool IsReading(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
        && !request.Headers[HeaderNames.Upgrade].Contains("websocket", StringComparer.OrdinalIgnoreCase);

    // Browsers leave the port out where it is the scheme's own, and so does Uri; a proxy may not.
    private static string Authority(HttpRequest request, string scheme) =>
        Uri.TryCreate($"{scheme}://{request.Host.Value}", UriKind.Absolute, out var asked) ? asked.Authority : "";
}
