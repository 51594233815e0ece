using Microsoft.AspNetCore.Components.Endpoints;

namespace SoupsActors.Dashboard.Hosting;

/// <summary>
/// What browsers may do with an answer: pages run nothing and load nothing but our own files, and are framed by nobody.
/// </summary>
internal sealed class PageHeaders(RequestDelegate next)
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        if (context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null)
        {
            headers.ContentSecurityPolicy = Policy;
            context.Response.OnStarting(static state =>
            {
                var written = ((HttpContext)state).Response.Headers;
                if (written.CacheControl.Count == 0)
                    written.CacheControl = "no-store";
                return Task.CompletedTask;
            }, context);
        }

        return next(context);
    }
}
