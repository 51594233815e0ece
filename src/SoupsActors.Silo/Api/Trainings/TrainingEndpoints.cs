using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using SoupsActors.Grains.Trainings;
using SoupsActors.Preferences;
using SoupsActors.Silo.Api.OpenAi;
using SoupsActors.Silo.Http;
using SoupsActors.Trainings;

namespace SoupsActors.Silo.Api.Trainings;

/// <summary>/v1/trainings: start, look, watch, pause, resume, cancel.</summary>
internal static class TrainingEndpoints
{
    public static void MapTrainings(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/trainings").WithAccess(AccessPolicy.Key).WithTags("Trainings");
        group.MapGet("", ListAsync).WithSummary("The newest training of every preference that had one.");
        group.MapPost("", StartAsync)
            .WithSummary("Trains a new version of a preference's expert from its feedback.")
            .Accepts<TrainingFields>("application/json")
            .Produces<TrainingStatus>(StatusCodes.Status201Created)
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ErrorBody>(StatusCodes.Status409Conflict);
        group.MapGet("/{preference}", async (IGrainFactory grains, string preference) =>
                await FindAsync(grains, preference))
            .WithSummary("The newest training of a preference.")
            .Produces<ErrorBody>(StatusCodes.Status404NotFound);
        group.MapGet("/{preference}/earlier", async (IGrainFactory grains, string preference) =>
                new ListBody<TrainingStatus>(await Trainer(grains, preference).Earlier()))
            .WithSummary("The trainings before the newest, newest first.");
        group.MapGet("/{preference}/events", WatchAsync)
            .WithSummary("Everything that happens from now on to the training's end, as server-sent events.")
            .Produces<TrainingNews>(StatusCodes.Status200OK, "text/event-stream")
            .Produces<ErrorBody>(StatusCodes.Status404NotFound);
        group.MapGet("/{preference}/metrics", MetricsAsync)
            .WithSummary("What the newest training has measured: one JSON object a line for each step.")
            .Produces<string>(StatusCodes.Status200OK, "application/x-ndjson")
            .Produces<ErrorBody>(StatusCodes.Status404NotFound);
        group.MapPost("/{preference}/pause", async (HttpContext context, IGrainFactory grains, string preference) =>
                await Trainer(grains, preference).Pause(WriteConditions.OperationId(context)))
            .WithSummary("Stops the work until it is resumed; nothing is lost.")
            .Produces<ErrorBody>(StatusCodes.Status409Conflict);
        group.MapPost("/{preference}/resume", async (HttpContext context, IGrainFactory grains, string preference) =>
                await Trainer(grains, preference).Resume(WriteConditions.OperationId(context)))
            .WithSummary("Goes on with a paused training, or tries again with a failed one.")
            .Produces<ErrorBody>(StatusCodes.Status409Conflict);
        group.MapPost("/{preference}/cancel", async (HttpContext context, IGrainFactory grains, string preference) =>
                await Trainer(grains, preference).Cancel(WriteConditions.OperationId(context)))
            .WithSummary("Ends the training; nothing is published.")
            .Produces<ErrorBody>(StatusCodes.Status409Conflict);
    }

    private static async Task<ListBody<TrainingStatus>> ListAsync(IGrainFactory grains)
    {
        var preferences = await grains.GetGrain<IPreferenceCatalogGrain>(IPreferenceCatalogGrain.Key).List();
        var found = await Task.WhenAll(preferences.Select(p => grains.GetGrain<ITrainerGrain>(p.Id).Describe()));
        return new ListBody<TrainingStatus>([.. found.OfType<TrainingStatus>()]);
    }

    private static async Task StartAsync(HttpContext context, IGrainFactory grains, IOptions<TrainingOptions> options)
    {
        var fields = await JsonBody.ReadAsync<TrainingFields>(context);
        if (string.IsNullOrEmpty(fields.Preference))
        {
            throw ApiException.BadRequest(
                "`preference` is missing: the preference to train for.", "invalid_training", "preference");
        }

        var started = await Trainer(grains, fields.Preference).Start(
            fields.ToRequest(options.Value.Defaults), WriteConditions.OperationId(context));
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = $"/v1/trainings/{started.Preference}";
        await context.Response.WriteAsJsonAsync(started, ApiJson.Options, context.RequestAborted);
    }

    private static async Task WatchAsync(
        HttpContext context, IGrainFactory grains, string preference, ILogger<TrainingNews> logger)
    {
        await FindAsync(grains, preference);
        var events = new EventStream(context);
        await events.RunAsync(
            async () =>
            {
                await foreach (var news in Trainer(grains, preference).Watch(context.RequestAborted))
                    await events.SendAsync(news);
            },
            logger);
    }

    private static async Task MetricsAsync(HttpContext context, IGrainFactory grains, string preference)
    {
        await FindAsync(grains, preference);
        context.Response.ContentType = "application/x-ndjson; charset=utf-8";
        await foreach (var measured in Trainer(grains, preference).Metrics(context.RequestAborted))
        {
            await context.Response.Body.WriteAsync(
                JsonSerializer.SerializeToUtf8Bytes(new MetricsLine(measured.Phase, measured.Step)
                {
                    Values = measured.Metrics.ToDictionary(m => m.Key, m => (object)m.Value),
                }, ApiJson.Options),
                context.RequestAborted);
            await context.Response.Body.WriteAsync("\n"u8.ToArray(), context.RequestAborted);
        }
    }

    private static async Task<TrainingStatus> FindAsync(IGrainFactory grains, string preference) =>
        await Trainer(grains, preference).Describe() ?? throw new ApiException(
            StatusCodes.Status404NotFound,
            $"There was no training for '{preference}'. POST /v1/trainings starts one.",
            "unknown_training",
            "preference");

    private static ITrainerGrain Trainer(IGrainFactory grains, string preference) =>
        grains.GetGrain<ITrainerGrain>(preference);

    private sealed record MetricsLine(TrainingPhase Phase, int Step)
    {
        [JsonExtensionData]
        public Dictionary<string, object>? Values { get; init; }
    }
}
