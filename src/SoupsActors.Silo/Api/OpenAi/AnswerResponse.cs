using SoupsActors.Generation;
using SoupsActors.Silo.Http;

namespace SoupsActors.Silo.Api.OpenAi;

/// <summary>How an endpoint words the answers of one response: as one body, or as the chunks of a stream.</summary>
internal interface IAnswerFormat
{
    /// <summary>All answers in one body.</summary>
    object Body(Answer[] answers);

    /// <summary>What a stream begins with for an answer, before its first piece; or null.</summary>
    object? Opening(int index);

    /// <summary>The chunks that a piece of an answer becomes.</summary>
    IEnumerable<object> Chunks(int index, AnswerPiece piece);

    /// <summary>The chunk without an answer that tells the token counts.</summary>
    object Usage(UsageBody usage);
}

/// <summary>Asks for the answers of a request and sends them, whole or as they come.</summary>
internal static class AnswerResponse
{
    public static async Task SendAsync(
        HttpContext context,
        AnswerSource source,
        GenerationFields body,
        TextRequest request,
        CompletionFrame frame,
        IAnswerFormat format,
        ILogger logger)
    {
        var answers = body.Answers();
        request = request with { Interaction = frame.Id };
        if (body.Stream is true)
        {
            await using var pieces = await source.StartAsync(request, body.User, answers, context.RequestAborted);
            frame.SetHeader(context.Response, answers);
            var includeUsage = body.StreamOptions?.IncludeUsage is true;
            var events = new EventStream(context);
            await events.RunAsync(() => StreamAsync(events, pieces, answers, format, includeUsage), logger);
            return;
        }

        var whole = format.Body(await source.AnswerAsync(request, body.User, answers, context.RequestAborted));
        frame.SetHeader(context.Response, answers);
        await context.Response.WriteAsJsonAsync(whole, ApiJson.Options, context.RequestAborted);
    }

    private static async Task StreamAsync(
        EventStream events, PieceStream pieces, int answers, IAnswerFormat format, bool includeUsage)
    {
        for (var i = 0; i < answers; i++)
        {
            if (format.Opening(i) is { } opening)
                await events.SendAsync(opening);
        }

        var usage = new AnswerUsage[answers];
        await foreach (var (index, piece) in pieces.ReadAsync())
        {
            if (piece.End is not null)
                usage[index] = piece.Usage ?? default;
            foreach (var chunk in format.Chunks(index, piece))
                await events.SendAsync(chunk);
        }

        if (includeUsage)
            await events.SendAsync(format.Usage(CompletionFrame.Usage(usage)));
    }
}
