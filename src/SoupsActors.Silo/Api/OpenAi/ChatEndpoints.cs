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
        var frame = CompletionFrame.New("chatcmpl-", body.Model!, clock);
        await AnswerResponse.SendAsync(context, source, body, request, frame, new ChatFormat(frame), logger);
    }

    /// <summary>Answers as messages of an assistant; a stream names the role first and the end last.</summary>
    private sealed class ChatFormat(CompletionFrame frame) : IAnswerFormat
    {
        public object Body(Answer[] answers) => new ChatCompletion(
            frame.Id,
            "chat.completion",
            frame.Created,
            frame.Model,
            [
                .. answers.Select((answer, i) => new ChatChoice(
                    i,
                    new AssistantMessage("assistant", answer.Text),
                    answer.Scores.ToChat(),
                    CompletionFrame.Finish(answer.End))),
            ],
            CompletionFrame.Usage(answers.Select(a => a.Usage)),
            new SoupBody(answers[0].Seed, frame.Interactions(answers.Length)));

        public object Opening(int index) =>
            Chunk([new ChatChunkChoice(index, new ChatDelta("assistant", ""), null, null)]);

        public IEnumerable<object> Chunks(int index, AnswerPiece piece)
        {
            if (piece.Text.Length > 0 || piece.Scores is not null)
            {
                yield return Chunk(
                    [new ChatChunkChoice(index, new ChatDelta(Content: piece.Text), piece.Scores.ToChat(), null)]);
            }

            if (piece.End is { } end)
            {
                yield return Chunk(
                    [new ChatChunkChoice(index, new ChatDelta(), null, CompletionFrame.Finish(end))],
                    soup: CompletionFrame.Soup(piece));
            }
        }

        public object Usage(UsageBody usage) => Chunk([], usage);

        private ChatChunk Chunk(ChatChunkChoice[] choices, UsageBody? usage = null, SoupBody? soup = null) =>
            new(frame.Id, "chat.completion.chunk", frame.Created, frame.Model, choices, usage, soup);
    }
}
