using Microsoft.AspNetCore.Http.HttpResults;
using SoupsActors.Silo.Hosting;
using SoupsActors.Silo.Http;

namespace SoupsActors.Silo.Api;

/// <summary>What a health check found.</summary>
internal sealed record HealthBody(string Status, string? Reason = null);

/// <summary>/health/startup|ready|live. None of them calls a grain or touches storage.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/health").WithAccess(AccessPolicy.Open).WithTags("Health");
        group.MapGet("/live", () => new HealthBody("live")).WithSummary("The process answers.");
        group.MapGet("/startup", (StartupState state) => Report(state.Reason))
            .WithSummary("Model and experts are loaded.");
        group.MapGet("/ready", (StartupState state, IHostApplicationLifetime host) =>
                Report(state.Reason ?? (host.ApplicationStopping.IsCancellationRequested ? "The server stops." : null)))
            .WithSummary("Requests can be answered.");
    }

    private static JsonHttpResult<HealthBody> Report(string? whyNot) => whyNot is { } reason
        ? TypedResults.Json(
            new HealthBody("not ready", reason), ApiJson.Options, statusCode: StatusCodes.Status503ServiceUnavailable)
        : TypedResults.Json(new HealthBody("ready"), ApiJson.Options);
}
