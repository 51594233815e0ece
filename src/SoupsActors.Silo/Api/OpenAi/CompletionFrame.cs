using SoupsActors.Generation;

namespace SoupsActors.Silo.Api.OpenAi;

/// <summary>What all parts of one response have in common.</summary>
internal sealed record CompletionFrame(string Id, long Created, string Model)
{
    public static CompletionFrame New(string prefix, string model, TimeProvider clock) =>
        new(prefix + Guid.NewGuid().ToString("N"), clock.GetUtcNow().ToUnixTimeSeconds(), model);

    public static string Finish(AnswerEnd end) => end == AnswerEnd.Stop ? "stop" : "length";

    /// <summary>Token counts of all answers; the prompt they share counts once.</summary>
    public static UsageBody Usage(IEnumerable<AnswerUsage> answers)
    {
        var (prompt, completion) = answers.Aggregate(
            (Prompt: 0, Completion: 0), (sum, u) => (u.PromptTokens, sum.Completion + u.CompletionTokens));
        return new UsageBody(prompt, completion, prompt + completion);
    }
}
