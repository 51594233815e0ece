using SoupsActors.Dashboard.Hosting;

namespace SoupsActors.Silo.Http;

/// <summary>Who may use a route. Every route carries one; a route without one is refused when a key is set.</summary>
internal enum AccessPolicy
{
    /// <summary>Anyone: what tells nothing about users and changes nothing.</summary>
    Open,

    /// <summary>Holders of the key, where one is set.</summary>
    Key,

    /// <summary>Browsers that signed in with the key, where one is set; others are led to the page for that.</summary>
    Page,

    /// <summary>Other silos: holders of the cluster's key, where one is set; without one as <see cref="Key"/>.</summary>
    Cluster,
}

/// <summary>Asks for the API key where one is set.</summary>
internal sealed class AccessMiddleware(RequestDelegate next, OperatorSession session, ClusterKey cluster)
{
    private const string Scheme = "Bearer ";

    public Task InvokeAsync(HttpContext context)
    {
        var policy = context.GetEndpoint()?.Metadata.GetMetadata<AccessPolicyMetadata>()?.Policy ?? AccessPolicy.Key;
        if (policy == AccessPolicy.Cluster && cluster.IsRequired)
            return cluster.IsHeldBy(context.Request) ? next(context) : Refuse(context, policy);
        if (session.IsRequired && HoldsKey(context.Request))
            return next(context);
        if (CrossSite.Sent(context.Request))
            return RefuseCrossSite(context);
        return !session.IsRequired || policy == AccessPolicy.Open || HoldsCookie(context, policy)
            ? next(context)
            : Refuse(context, policy);
    }

    private bool HoldsKey(HttpRequest request) =>
        request.Headers.Authorization.ToString() is var header
        && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && session.IsKey(header[Scheme.Length..].Trim());

    // A cookie comes along unasked, so to the API it only opens reading: links on pages may lead to an export.
    private bool HoldsCookie(HttpContext context, AccessPolicy policy) =>
        (policy == AccessPolicy.Page || HttpMethods.IsGet(context.Request.Method)) && session.IsSignedIn(context);

    private static Task RefuseCrossSite(HttpContext context) => ErrorMiddleware.WriteAsync(context, new ApiException(
        StatusCodes.Status403Forbidden,
        "A page of another site sent this request. Call the API from a server, or set Soups:ApiKey and send it as "
            + "`Authorization: Bearer <key>`; a proxy in front must pass the Host header on.",
        "cross_site_request"));

    private static Task Refuse(HttpContext context, AccessPolicy policy)
    {
        var request = context.Request;
        if (policy == AccessPolicy.Page && HttpMethods.IsGet(request.Method) && !request.Path.StartsWithSegments("/_blazor"))
        {
            var target = Uri.EscapeDataString(request.Path + request.QueryString);
            context.Response.Redirect($"{DashboardHosting.SignInPath}?to={target}");
            return Task.CompletedTask;
        }

        return ErrorMiddleware.WriteAsync(context, new ApiException(
            StatusCodes.Status401Unauthorized,
            "The API key is missing or wrong. Send it as `Authorization: Bearer <key>`.",
            "invalid_api_key"));
    }
}

/// <summary>A route's policy as endpoint metadata.</summary>
internal sealed record AccessPolicyMetadata(AccessPolicy Policy);

/// <summary>Puts a policy on routes.</summary>
internal static class AccessPolicyConventions
{
    public static T WithAccess<T>(this T builder, AccessPolicy policy)
        where T : IEndpointConventionBuilder
    {
        builder.WithMetadata(new AccessPolicyMetadata(policy));
        return builder;
    }
}
