using SoupsActors.Dashboard.Hosting;
using SoupsActors.Silo.Http;

namespace SoupsActors.Silo.Api;

/// <summary>The dashboard under /.</summary>
internal static class DashboardEndpoints
{
    public static void MapDashboardPages(this IEndpointRouteBuilder routes)
    {
        var dashboard = routes.MapSoupsDashboard();
        dashboard.Open.WithAccess(AccessPolicy.Open);
        dashboard.Pages.Add(endpoint => endpoint.Metadata.Add(new AccessPolicyMetadata(
            endpoint is RouteEndpointBuilder { RoutePattern.RawText: DashboardHosting.SignInPath }
                ? AccessPolicy.Open
                : AccessPolicy.Page)));
    }
}
