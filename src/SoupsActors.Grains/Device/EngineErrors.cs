using SoupsActors.Models.Experts;
using SoupsActors.Serving;

namespace SoupsActors.Grains.Device;

/// <summary>The engine's refusals in the words of this interface.</summary>
internal static class EngineErrors
{
    /// <summary>
    /// Whether an error says something about the request or the moment, rather than being a fault of the program.
    /// </summary>
    public static bool Knows(Exception error) => error is RequestRefusedException or EngineBusyException
        or EngineStoppedException or ExpertMismatchException;

    /// <summary>The refusal to tell the caller.</summary>
    public static SoupsException Translate(Exception error) => error switch
    {
        RequestRefusedException refused => SoupsException.Invalid(
            refused.Message, "invalid_request", FieldOf(refused.Parameter)),
        EngineBusyException => new SoupsException(
            SoupsError.Busy, "All places and the queue are taken. Try again in a moment.", "engine_busy"),
        EngineStoppedException => new SoupsException(
            SoupsError.NotReady, "The server is stopping. Send the request again later.", "stopping"),
        ExpertMismatchException mismatch => SoupsException.Invalid(mismatch.Message, "expert_mismatch", "mix"),
        _ => throw new ArgumentException("This is no refusal.", nameof(error), error),
    };

    private static string FieldOf(string property) => property switch
    {
        "Prompt" => "messages",
        "Mix" or "Experts" => "mix",
        "MaxTokens" => "max_tokens",
        "LogProbabilities" => "top_logprobs",
        "LogitBias" => "logit_bias",
        "NoRepeatNgram" => "soup.no_repeat_ngram",
        "RepetitionPenalty" => "soup.repetition_penalty",
        "MinP" => "soup.min_p",
        "TopK" => "soup.top_k",
        "TopP" => "top_p",
        _ => property.ToLowerInvariant(),
    };
}
