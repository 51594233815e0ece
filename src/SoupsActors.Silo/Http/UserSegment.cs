using Microsoft.AspNetCore.Http.Features;

namespace SoupsActors.Silo.Http;

/// <summary>
/// The user's id in a path. Routing leaves an encoded slash encoded, so that the ids "a/b" and "a%2Fb" would look
/// alike;
/// the request line as it was sent tells them apart.
/// </summary>
internal static class UserSegment
{
    private const string Prefix = "/v1/users/";

    /// <exception cref="SoupsException">The segment is not a user id.</exception>
    public static string Of(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var start = target.IndexOf(Prefix, StringComparison.OrdinalIgnoreCase);
        if (start < 0)
            return Identifiers.RequireUser(context.GetRouteValue("user") as string);
        var rest = target[(start + Prefix.Length)..];
        var end = rest.AsSpan().IndexOfAny('/', '?');
        return Identifiers.RequireUser(Uri.UnescapeDataString(end < 0 ? rest : rest[..end]));
    }
}
