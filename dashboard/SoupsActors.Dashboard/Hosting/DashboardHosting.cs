using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using SoupsActors.Dashboard.Data;
using SoupsActors.Dashboard.Shared;

namespace SoupsActors.Dashboard.Hosting;

/// <summary>Puts the dashboard into a web server whose services have an <see cref="IGrainFactory"/>.</summary>
public static class DashboardHosting
{
    /// <summary>Where operators sign in.</summary>
    public const string SignInPath = "/sign-in";

    /// <summary>Adds the dashboard's services. The host registers its <see cref="IOperatorAccess"/>.</summary>
    public static IServiceCollection AddSoupsDashboard(this IServiceCollection services)
    {
        // What it protects lives no longer than the process: forms and circuits of pages that are open.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "soups-form";
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.SuppressXFrameOptionsHeader = true;
        });
        services.AddRazorComponents().AddInteractiveServerComponents(LimitCircuits);
        services.AddSingleton<DashboardAssets>();
        services.AddScoped<Confirmations>();
        services.AddScoped<Announcer>();
        services.AddScoped<PageVisibility>();
        services.AddDashboardData();
        return services;
    }

    /// <summary>Adds the headers and the protection of forms; after routing, before the endpoints.</summary>
    public static void UseSoupsDashboard(this WebApplication app)
    {
        app.UseMiddleware<PageHeaders>();
        app.UseAntiforgery();
    }

    /// <summary>Maps the pages and what they load.</summary>
    /// <returns>The pages, whose access the host decides; and the rest, which tells nothing and may be open.</returns>
    public static DashboardRoutes MapSoupsDashboard(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapRazorComponents<App>().AddInteractiveServerRenderMode(
            options => options.ContentSecurityFrameAncestorsPolicy = null);
        var open = routes.MapGroup("").ExcludeFromDescription();
        open.MapGet(DashboardAssets.Root + "/{tag}/{name}", SendAsset);
        return new DashboardRoutes(pages, open);
    }

    private static void LimitCircuits(CircuitOptions options)
    {
        options.DisconnectedCircuitMaxRetained = 50;
        options.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(2);
        options.MaxBufferedUnacknowledgedRenderBatches = 5;
    }

    private static IResult SendAsset(HttpContext context, string tag, string name, DashboardAssets assets)
    {
        if (assets.Find(name) is not { } asset || asset.Tag != tag)
            return TypedResults.NotFound();
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return TypedResults.Bytes(asset.Content, asset.ContentType);
    }
}

/// <summary>The dashboard's routes by who may use them.</summary>
/// <param name="Pages">Pages and their connection.</param>
/// <param name="Open">Assets.</param>
public sealed record DashboardRoutes(IEndpointConventionBuilder Pages, IEndpointConventionBuilder Open);
