using SoupsActors.Generation;
using SoupsActors.Silo.Http;

namespace SoupsActors.Silo.Api.OpenAi;

/// <summary>POST /v1/completions.</summary>
internal static class CompletionEndpoints
{
    private const string Object = "text_completion";

    public static void MapCompletions(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/completions", ContinueAsync)
            .WithAccess(AccessPolicy.Key)
            .WithTags("Answers")
            .WithSummary("Continues a text as it stands, without a chat template.")
            .Accepts<CompletionRequest>("application/json")
            .Produces<TextCompletion>()
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ErrorBody>(StatusCodes.Status429TooManyRequests);

    private static async Task ContinueAsync(
        HttpContext context, AnswerSource source, TimeProvider clock, ILogger<TextCompletion> logger)
    {
        var body = await JsonBody.ReadAsync<CompletionRequest>(context);
        var request = body.ToTextRequest(WriteConditions.OperationId(context));
        var answers = body.Answers();
        var opening = body.Echo is true ? request.Prompt! : "";
        var frame = CompletionFrame.New("cmpl-", body.Model!, clock);
        await using var pieces = await source.StartAsync(
            request with { Interaction = frame.Id }, body.User, answers, context.RequestAborted);
        frame.SetHeader(context.Response, answers);
        if (body.Stream is true)
        {
            var events = new EventStream(context);
            var includeUsage = body.StreamOptions?.IncludeUsage is true;
            await events.RunAsync(
                () => SendAsync(events, frame, pieces, answers, opening, includeUsage), logger);
            return;
        }

        var results = await pieces.CollectAsync(answers);
        var completion = Body(
            frame,
            [
                .. results.Select((answer, i) => new TextChoice(
                    i,
                    opening + answer.Text,
                    answer.Scores.ToText(opening.Length),
                    CompletionFrame.Finish(answer.End))),
            ],
            CompletionFrame.Usage(results.Select(r => r.Usage)),
            new SoupBody(results[0].Seed, frame.Interactions(answers)));
        await context.Response.WriteAsJsonAsync(completion, ApiJson.Options, context.RequestAborted);
    }

    private static async Task SendAsync(
        EventStream events, CompletionFrame frame, PieceStream pieces, int answers, string opening, bool includeUsage)
    {
        var usage = new AnswerUsage[answers];
        var sent = new int[answers];
        for (var i = 0; i < answers && opening.Length > 0; i++)
        {
            await events.SendAsync(Body(frame, [new TextChoice(i, opening, null, null)]));
            sent[i] = opening.Length;
        }

        await foreach (var (index, piece) in pieces.ReadAsync())
        {
            var finish = piece.End is { } end ? CompletionFrame.Finish(end) : null;
            if (piece.End is not null)
                usage[index] = piece.Usage ?? default;
            if (piece.Text.Length > 0 || piece.Scores is not null || finish is not null)
            {
                var choice = new TextChoice(index, piece.Text, piece.Scores.ToText(sent[index]), finish);
                var soup = piece.End is null ? null : new SoupBody(piece.Seed, [piece.Interaction!]);
                await events.SendAsync(Body(frame, [choice], soup: soup));
            }

            sent[index] += piece.Text.Length;
        }

        if (includeUsage)
            await events.SendAsync(Body(frame, [], CompletionFrame.Usage(usage)));
    }

    private static TextCompletion Body(
        CompletionFrame frame, TextChoice[] choices, UsageBody? usage = null, SoupBody? soup = null) => new(
        frame.Id, Object, frame.Created, frame.Model, choices, usage, soup);
}
