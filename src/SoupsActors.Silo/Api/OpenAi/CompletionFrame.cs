using SoupsActors.Generation;

namespace SoupsActors.Silo.Api.OpenAi;

/// <summary>What all parts of one response have in common.</summary>
internal sealed record CompletionFrame(string Id, long Created, string Model)
{
    public static CompletionFrame New(string prefix, string model, TimeProvider clock) =>
        new(prefix + Guid.NewGuid().ToString("N"), clock.GetUtcNow().ToUnixTimeSeconds(), model);

    /// <summary>The header that names the answers.</summary>
    public const string InteractionHeader = "X-Soups-Interaction";

    /// <summary>
    /// The interaction that feedback about one of the answers refers to: the id of the response, and for further answers
    /// that id with their index.
    /// </summary>
    public static string InteractionOf(string id, int index) => index == 0 ? id : $"{id}.{index}";

    /// <summary>The interactions of all answers.</summary>
    public string[] Interactions(int answers) => [.. Enumerable.Range(0, answers).Select(i => InteractionOf(Id, i))];

    /// <summary>Names the answers in the header, before anything is sent.</summary>
    public void SetHeader(HttpResponse response, int answers) =>
        response.Headers[InteractionHeader] = string.Join(", ", Interactions(answers));

    /// <summary>What the last piece of an answer tells of it beyond OpenAI's fields.</summary>
    public static SoupBody Soup(AnswerPiece last) => new(last.Seed, [last.Interaction!]);

    public static string Finish(AnswerEnd end) => end == AnswerEnd.Stop ? "stop" : "length";

    /// <summary>Token counts of all answers; the prompt they share counts once.</summary>
    public static UsageBody Usage(IEnumerable<AnswerUsage> answers)
    {
        var (prompt, completion) = answers.Aggregate(
            (Prompt: 0, Completion: 0), (sum, u) => (u.PromptTokens, sum.Completion + u.CompletionTokens));
        return new UsageBody(prompt, completion, prompt + completion);
    }
}
