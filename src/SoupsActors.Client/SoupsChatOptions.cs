using Microsoft.Extensions.AI;
using SoupsActors.Users;

namespace SoupsActors.Client;

/// <summary>What a soup needs beside the usual chat options, typed over <see cref="ChatOptions.AdditionalProperties"/>.</summary>
public static class SoupsChatOptions
{
    internal const string UserKey = "soups.user";
    internal const string MixKey = "soups.mix";
    internal const string MergeKey = "soups.merge";
    internal const string NormalizeKey = "soups.normalize";
    internal const string PromptTextsKey = "soups.prompt_texts";
    internal const string HistoryKey = "soups.history";

    /// <summary>Whose profile applies.</summary>
    public static ChatOptions WithUser(this ChatOptions options, string user) => options.With(UserKey, user);

    /// <summary>Weights λ by preference or expert id for this request; replaces the profile's mix.</summary>
    public static ChatOptions WithMix(this ChatOptions options, IReadOnlyDictionary<string, double> mix) =>
        options.With(MixKey, mix);

    /// <summary>How the experts are merged in this request.</summary>
    public static ChatOptions WithMerge(this ChatOptions options, SoupMerge merge) => options.With(MergeKey, merge);

    /// <summary>Whether the weights are divided by their sum in this request.</summary>
    public static ChatOptions WithNormalizedMix(this ChatOptions options, bool normalize = true) =>
        options.With(NormalizeKey, normalize);

    /// <summary>Whether the preferences' sentences go into the prompt in this request.</summary>
    public static ChatOptions WithPromptTexts(this ChatOptions options, bool promptTexts = true) =>
        options.With(PromptTextsKey, promptTexts);

    /// <summary>Continues the user's stored conversation and stores this exchange.</summary>
    public static ChatOptions WithStoredHistory(this ChatOptions options, bool history = true) =>
        options.With(HistoryKey, history);

    private static ChatOptions With(this ChatOptions options, string key, object value)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(value);
        options.AdditionalProperties ??= [];
        options.AdditionalProperties[key] = value;
        return options;
    }
}
