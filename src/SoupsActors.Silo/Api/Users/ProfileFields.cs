using System.Text.Json;
using System.Text.Json.Serialization;
using SoupsActors.Generation;
using SoupsActors.Silo.Api.OpenAi;
using SoupsActors.Users;

namespace SoupsActors.Silo.Api.Users;

/// <summary>A profile. Fields that are not listed are refused, so that a misspelt one does not vanish.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ProfileFields
{
    /// <summary>Weights by preference id or expert id, -100 to 100.</summary>
    public Dictionary<string, double>? Mix { get; init; }

    /// <summary>`product` (default) or `factor`.</summary>
    public string? Merge { get; init; }

    /// <summary>Divides all weights by their sum.</summary>
    public bool? Normalize { get; init; }

    /// <summary>Whether the preferences' sentences go into the prompt.</summary>
    public bool? PromptTexts { get; init; }

    /// <summary>Put before each conversation that brings no system message of its own.</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>Messages kept of the stored conversation.</summary>
    public int? HistoryLimit { get; init; }

    /// <summary>How tokens are chosen where a request does not say.</summary>
    public SamplingFields? Sampling { get; init; }

    public static ProfileFields From(SoupProfile profile) => new()
    {
        Mix = profile.Mix,
        Merge = profile.Merge == SoupMerge.Factor ? "factor" : "product",
        Normalize = profile.Normalize,
        PromptTexts = profile.PromptTexts,
        SystemPrompt = profile.SystemPrompt,
        HistoryLimit = profile.HistoryLimit,
        Sampling = SamplingFields.From(profile.Sampling),
    };

    public SoupProfile ToProfile() => new()
    {
        Mix = Mix ?? [],
        Merge = Merge is null ? SoupMerge.Product : RequestTranslation.ParseMerge(Merge, "merge"),
        Normalize = Normalize ?? false,
        PromptTexts = PromptTexts ?? false,
        SystemPrompt = SystemPrompt,
        HistoryLimit = HistoryLimit,
        Sampling = Sampling?.ToSettings() ?? new SamplingSettings(),
    };
}

/// <summary>How tokens are chosen.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record SamplingFields
{
    /// <summary>0 (greedy) to 2.</summary>
    public double? Temperature { get; init; }

    /// <summary>Above 0, at most 1.</summary>
    public double? TopP { get; init; }

    /// <summary>Only the k most likely tokens; 0 is off.</summary>
    public int? TopK { get; init; }

    /// <summary>Only tokens at least this fraction as likely as the most likely one.</summary>
    public double? MinP { get; init; }

    /// <summary>Makes tokens seen so far less likely; 1 is off.</summary>
    public double? RepetitionPenalty { get; init; }

    /// <summary>No n-gram of this length occurs twice; 0 is off.</summary>
    public int? NoRepeatNgram { get; init; }

    /// <summary>Most tokens of an answer.</summary>
    public int? MaxTokens { get; init; }

    public static SamplingFields From(SamplingSettings settings) => new()
    {
        Temperature = settings.Temperature,
        TopP = settings.TopP,
        TopK = settings.TopK,
        MinP = settings.MinP,
        RepetitionPenalty = settings.RepetitionPenalty,
        NoRepeatNgram = settings.NoRepeatNgram,
        MaxTokens = settings.MaxTokens,
    };

    public SamplingSettings ToSettings() => new()
    {
        Temperature = Temperature,
        TopP = TopP,
        TopK = TopK,
        MinP = MinP,
        RepetitionPenalty = RepetitionPenalty,
        NoRepeatNgram = NoRepeatNgram,
        MaxTokens = MaxTokens,
    };
}

/// <summary>A profile with whose it is and its tag.</summary>
internal sealed record ProfileBody(string User, string Etag, ProfileFields Profile);

/// <summary>Everything stored about a user.</summary>
internal sealed record ExportBody(
    string User,
    string Etag,
    ProfileFields Profile,
    ChatMessage[] History,
    JsonElement Interactions,
    JsonElement Feedback,
    DateTimeOffset ExportedAt);

/// <summary>A stored conversation.</summary>
internal sealed record HistoryBody(string User, ChatMessage[] Messages);
