using SoupsActors.Users;

namespace SoupsActors.Grains.Users;

/// <summary>Which values profiles and requests may carry. Messages name the field as the HTTP interface does.</summary>
internal static class ProfileRules
{
    /// <exception cref="SoupsException">A value is out of its range.</exception>
    public static void Check(SoupProfile profile)
    {
        CheckMix(profile.Mix, "mix");
        CheckMerge(profile.Merge, "merge");
        CheckSampling(profile.Sampling, "");
        if (profile.SystemPrompt?.Length > SoupsLimits.MaxSystemPromptLength)
        {
            throw OutOfRange(
                "system_prompt", $"has at most {SoupsLimits.MaxSystemPromptLength} characters");
        }

        if (profile.HistoryLimit is < 0 or > SoupsLimits.MaxHistoryMessages)
            throw OutOfRange("history_limit", $"is 0 to {SoupsLimits.MaxHistoryMessages} messages");
    }

    public static void CheckMix(Dictionary<string, double> mix, string param)
    {
        if (mix.Count > SoupsLimits.MaxMixEntries)
            throw OutOfRange(param, $"has at most {SoupsLimits.MaxMixEntries} entries");
        foreach (var (name, weight) in mix)
        {
            if (!double.IsFinite(weight) || Math.Abs(weight) > SoupsLimits.MaxWeight)
            {
                throw SoupsException.Invalid(
                    $"The weight of '{name}' must be a finite number, at most {SoupsLimits.MaxWeight} in magnitude.",
                    "invalid_weight",
                    $"{param}.{name}");
            }
        }
    }

    public static void CheckMerge(SoupMerge merge, string param)
    {
        if (!Enum.IsDefined(merge))
            throw SoupsException.Invalid($"`{param}` is 'product' or 'factor'.", "invalid_merge", param);
    }

    public static void CheckSampling(SamplingSettings sampling, string soup)
    {
        if (sampling.Temperature is { } temperature && !(temperature is >= 0 and <= 2))
            throw OutOfRange("temperature", "is a number from 0 (greedy) to 2");
        if (sampling.TopP is { } topP && !(topP is > 0 and <= 1))
            throw OutOfRange("top_p", "is a number above 0 and at most 1");
        if (sampling.TopK is < 0)
            throw OutOfRange(soup + "top_k", "is a count of tokens, 0 for all");
        if (sampling.MinP is { } minP && !(minP is >= 0 and <= 1))
            throw OutOfRange(soup + "min_p", "is a number from 0 (off) to 1");
        if (sampling.RepetitionPenalty is { } penalty && !(penalty is > 0 and <= 10))
            throw OutOfRange(soup + "repetition_penalty", "is a number above 0 and at most 10; 1 is off");
        if (sampling.NoRepeatNgram is < 0 or > 64)
            throw OutOfRange(soup + "no_repeat_ngram", "is a length from 0 (off) to 64");
        if (sampling.MaxTokens is < 1)
            throw OutOfRange("max_tokens", "is a count of tokens, at least 1");
    }

    private static SoupsException OutOfRange(string param, string rule) =>
        SoupsException.Invalid($"`{param}` {rule}.", "out_of_range", param);
}
