using SoupsActors.Generation;
using SoupsActors.Silo.Http;

namespace SoupsActors.Silo.Api.OpenAi;

/// <summary>POST /v1/completions.</summary>
internal static class CompletionEndpoints
{
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
        var frame = CompletionFrame.New("cmpl-", body.Model!, clock);
        var format = new TextFormat(frame, body.Echo is true ? request.Prompt! : "", body.Answers());
        await AnswerResponse.SendAsync(context, source, body, request, frame, format, logger);
    }

    /// <summary>Answers as plain texts; an opening that is not empty, the prompt, stands before each.</summary>
    private sealed class TextFormat(CompletionFrame frame, string opening, int count) : IAnswerFormat
    {
        /// <summary>Characters of each answer that were sent: offsets of scores count from its beginning.</summary>
        private readonly int[] sent = [.. Enumerable.Repeat(opening.Length, count)];

        public object Body(Answer[] answers) => Text(
            [
                .. answers.Select((answer, i) => new TextChoice(
                    i,
                    opening + answer.Text,
                    answer.Scores.ToText(opening.Length),
                    CompletionFrame.Finish(answer.End))),
            ],
            CompletionFrame.Usage(answers.Select(a => a.Usage)),
            new SoupBody(answers[0].Seed, frame.Interactions(answers.Length)));

        public object? Opening(int index) =>
            opening.Length == 0 ? null : Text([new TextChoice(index, opening, null, null)]);

        public IEnumerable<object> Chunks(int index, AnswerPiece piece)
        {
            var finish = piece.End is { } end ? CompletionFrame.Finish(end) : null;
            if (piece.Text.Length > 0 || piece.Scores is not null || finish is not null)
            {
                var choice = new TextChoice(index, piece.Text, piece.Scores.ToText(sent[index]), finish);
                yield return Text([choice], soup: finish is null ? null : CompletionFrame.Soup(piece));
            }

            sent[index] += piece.Text.Length;
        }

        public object Usage(UsageBody usage) => Text([], usage);

        private TextCompletion Text(TextChoice[] choices, UsageBody? usage = null, SoupBody? soup = null) =>
            new(frame.Id, "text_completion", frame.Created, frame.Model, choices, usage, soup);
    }
}
