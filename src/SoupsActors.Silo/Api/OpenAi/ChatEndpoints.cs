using SoupsActors.Generation;
using SoupsActors.Silo.Http;

namespace SoupsActors.Silo.Api.OpenAi;

/// <summary>POST /v1/chat/completions.</summary>
internal static class ChatEndpoints
{
    public static void MapChat(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/chat/completions", AnswerAsync)
            .WithAccess(AccessPolicy.Key)
            .WithTags("Answers")
            .WithSummary("Answers a conversation with the user's own soup, the base model, or one expert.")
            .Accepts<ChatCompletionRequest>("application/json")
            .Produces<ChatCompletion>()
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ErrorBody>(StatusCodes.Status429TooManyRequests);

    private static async Task AnswerAsync(
        HttpContext context, AnswerSource source, TimeProvider clock, ILogger<ChatCompletion> logger)
    {
        var body = await JsonBody.ReadAsync<ChatCompletionRequest>(context);
        var request = body.ToTextRequest(WriteConditions.OperationId(context));
        var answers = body.Answers();
        var frame = CompletionFrame.New("chatcmpl-", body.Model!, clock);
        await using var pieces = await source.StartAsync(
            request with { Interaction = frame.Id }, body.User, answers, context.RequestAborted);
        frame.SetHeader(context.Response, answers);
        if (body.Stream is true)
        {
            var events = new EventStream(context);
            await events.RunAsync(
                () => SendAsync(events, frame, pieces, answers, body.StreamOptions?.IncludeUsage is true), logger);
            return;
        }

        var results = await pieces.CollectAsync(answers);
        var completion = new ChatCompletion(
            frame.Id,
            "chat.completion",
            frame.Created,
            frame.Model,
            [
                .. results.Select((answer, i) => new ChatChoice(
                    i,
                    new AssistantMessage("assistant", answer.Text),
                    answer.Scores.ToChat(),
                    CompletionFrame.Finish(answer.End))),
            ],
            CompletionFrame.Usage(results.Select(r => r.Usage)),
            new SoupBody(results[0].Seed, frame.Interactions(answers)));
        await context.Response.WriteAsJsonAsync(completion, ApiJson.Options, context.RequestAborted);
    }

    private static async Task SendAsync(
        EventStream events, CompletionFrame frame, PieceStream pieces, int answers, bool includeUsage)
    {
        for (var i = 0; i < answers; i++)
            await events.SendAsync(Chunk(new ChatChunkChoice(i, new ChatDelta("assistant", ""), null, null)));
        var usage = new AnswerUsage[answers];
        await foreach (var (index, piece) in pieces.ReadAsync())
        {
            if (piece.Text.Length > 0 || piece.Scores is not null)
            {
                await events.SendAsync(Chunk(
                    new ChatChunkChoice(index, new ChatDelta(Content: piece.Text), piece.Scores.ToChat(), null)));
            }

            if (piece.End is { } end)
            {
                usage[index] = piece.Usage ?? default;
                await events.SendAsync(Chunk(
                    new ChatChunkChoice(index, new ChatDelta(), null, CompletionFrame.Finish(end)),
                    piece.Seed,
                    piece.Interaction));
            }
        }

        if (includeUsage)
        {
            await events.SendAsync(new ChatChunk(
                frame.Id, "chat.completion.chunk", frame.Created, frame.Model, [], CompletionFrame.Usage(usage), null));
        }

        ChatChunk Chunk(ChatChunkChoice choice, ulong? seed = null, string? interaction = null) => new(
            frame.Id,
            "chat.completion.chunk",
            frame.Created,
            frame.Model,
            [choice],
            null,
            interaction is null ? null : new SoupBody(seed, [interaction]));
    }
}
