using SoupsActors.Generation;

namespace SoupsActors.Grains.Users;

/// <summary>Which requests are worth a walk; what depends on the model is checked where the model is.</summary>
internal static class RequestRules
{
    private static readonly string[] Roles = ["system", "user", "assistant"];

    /// <exception cref="SoupsException">The request is wrong; the message names the field.</exception>
    public static void Check(TextRequest request)
    {
        if (request.Messages is null == request.Prompt is null)
            throw SoupsException.Invalid("A request has either messages or a prompt.", "invalid_request", "messages");
        if (request.Prompt is { Length: 0 })
            throw SoupsException.Invalid("The prompt is empty. Send some text to continue.", "empty_prompt", "prompt");
        if (request.Messages is { } messages)
            CheckMessages(messages);
        if (request.Interaction is not null)
            Identifiers.RequireInteraction(request.Interaction);
        ProfileRules.CheckSampling(request.Sampling, "soup.");
        CheckModel(request);
        CheckStops(request.Stop);
        foreach (var (token, bias) in request.LogitBias)
        {
            if (token < 0 || !(bias is >= -100 and <= 100))
            {
                throw SoupsException.Invalid(
                    "`logit_bias` maps token ids to numbers from -100 to 100.", "out_of_range", "logit_bias");
            }
        }

        if (request.LogProbabilities is < 0 or > SoupsLimits.MaxTopLogProbabilities)
        {
            throw SoupsException.Invalid(
                $"`top_logprobs` is 0 to {SoupsLimits.MaxTopLogProbabilities}.", "out_of_range", "top_logprobs");
        }
    }

    private static void CheckMessages(ChatMessage[] messages)
    {
        if (!Array.Exists(messages, m => m.Role == "user" && !string.IsNullOrWhiteSpace(m.Content)))
        {
            throw SoupsException.Invalid(
                "There is nothing to answer. Send at least one message of role 'user' with some text.",
                "empty_prompt",
                "messages");
        }

        for (var i = 0; i < messages.Length; i++)
        {
            if (!Roles.Contains(messages[i].Role))
            {
                throw SoupsException.Invalid(
                    $"The role '{messages[i].Role}' is not supported. Use 'system', 'user' or 'assistant'.",
                    "invalid_role",
                    $"messages[{i}].role");
            }
        }
    }

    private static void CheckModel(TextRequest request)
    {
        var soup = request.Soup;
        var aboutMix = soup is not { Mix: null, Merge: null, Normalize: null, PromptTexts: null };
        if (request.Model != ModelChoice.Soup && aboutMix)
        {
            throw SoupsException.Invalid(
                "A mix is for the model 'soup'. Set `model` to 'soup', or leave the mix out of `soup`.",
                "mix_without_soup",
                "soup");
        }
    }

    private static void CheckStops(string[] stops)
    {
        if (stops.Length > SoupsLimits.MaxStops
            || Array.Exists(stops, s => string.IsNullOrEmpty(s) || s.Length > SoupsLimits.MaxStopLength))
        {
            throw SoupsException.Invalid(
                $"`stop` has at most {SoupsLimits.MaxStops} texts of 1 to {SoupsLimits.MaxStopLength} characters.",
                "out_of_range",
                "stop");
        }
    }
}
