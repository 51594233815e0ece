using System.Text.Json;
using SoupsActors.Feedback;
using SoupsActors.Silo.Api.OpenAi;
using SoupsActors.Silo.Http;

namespace SoupsActors.Silo.Api.Feedback;

/// <summary>/v1/feedback and /v1/interactions.</summary>
internal static class FeedbackEndpoints
{
    public static void MapFeedback(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1").WithAccess(AccessPolicy.Key).WithTags("Feedback");
        group.MapPost("/feedback", PostAsync)
            .WithSummary(
                "Stores one event, or a batch as {\"events\":[...]}. What is reported as accepted or duplicate is on disk; "
                    + "an event is stored once however often it is sent with one operation id.")
            .Accepts<FeedbackEvent>("application/json")
            .Produces<FeedbackBatchBody>()
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ErrorBody>(StatusCodes.Status409Conflict);
        group.MapGet("/feedback", ExportAsync)
            .WithSummary(
                "All feedback as JSON Lines, filtered by user, preference, kind and after: `format` is events, pairs "
                    + "(prompt, chosen, rejected), labels (prompt, completion, label) or segments (prompt, completion, "
                    + "start and length in UTF-16 code units, segment, label, value): parts of answers.")
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest);
        group.MapGet("/feedback/stats", CountAsync)
            .WithSummary("How many events there are by preference and kind, and how many comparisons they make.");
        group.MapGet("/interactions/{id}", FindAsync)
            .WithSummary("An answer with all that made it: prompt, mix, expert versions, sampling, seed.")
            .Produces<ErrorBody>(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> PostAsync(HttpContext context, FeedbackIntake intake)
    {
        using var body = await JsonBody.ReadAsync<JsonDocument>(context);
        var operationId = WriteConditions.OperationId(context);
        if (FeedbackParsing.Batch(body.RootElement) is { } batch)
            return TypedResults.Ok(FeedbackBatchBody.Of(await intake.StoreAsync(batch, operationId)));
        var feedback = FeedbackParsing.Parse(body.RootElement, operationId);
        return TypedResults.Ok(FeedbackResultBody.Of(await intake.StoreAsync(feedback), 0));
    }

    private static Task ExportAsync(HttpContext context, FeedbackExport export) =>
        export.WriteAsync(FeedbackExportRequest.Parse(context.Request.Query), context);

    private static async Task<ListBody<FeedbackCountBody>> CountAsync(IGrainFactory grains)
    {
        var counts = await grains.GetGrain<IFeedbackLogGrain>(0).Count();
        return new ListBody<FeedbackCountBody>([.. counts.Select(FeedbackCountBody.Of)]);
    }

    private static async Task<IResult> FindAsync(string id, IGrainFactory grains) =>
        await grains.GetGrain<IFeedbackLogGrain>(0).FindInteraction(id) is { } interaction
            ? TypedResults.Json(interaction, FeedbackJson.Options)
            : throw SoupsException.NotFound(
                $"There is no interaction '{id}', or its retention time is over.", "unknown_interaction", "id");
}
