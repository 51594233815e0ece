using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SoupsActors.Generation;

namespace SoupsActors.Dashboard.Data.Feed;

/// <summary>Whose answers are compared.</summary>
public enum ComparedModels
{
    /// <summary>The preference's expert and the base model.</summary>
    ExpertAndBase,

    /// <summary>Two draws of the preference's expert.</summary>
    ExpertTwice,

    /// <summary>Two draws of the base model.</summary>
    BaseTwice,
}

/// <summary>
/// Which pairs are shown. Everything about a pair follows from the plan and its number, so that everyone who labels by
/// one plan sees the same pairs and their agreement can be told.
/// </summary>
/// <param name="Preference">The preference to judge by.</param>
/// <param name="Expert">The preference's expert.</param>
/// <param name="Version">Content of the expert's current version, or null where it has none.</param>
/// <param name="Models">Whose answers.</param>
/// <param name="Prompts">What is asked, at least one.</param>
public sealed record ComparisonPlan(
    string Preference, string Expert, string? Version, ComparedModels Models, IReadOnlyList<string> Prompts)
{
    /// <summary>The two requests of a pair.</summary>
    /// <param name="number">From 0 on; prompts come round again with other seeds.</param>
    public PlannedPair Pair(int number)
    {
        var prompt = Prompts[number % Prompts.Count];
        var round = number / Prompts.Count;
        var hash = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(
            new { Preference, Expert, Version, Models = Models.ToString(), prompt, round }));
        var id = Convert.ToHexStringLower(hash.AsSpan(0, 12));
        return new PlannedPair(
            id,
            prompt,
            RequestOf(id, "a", prompt, Models != ComparedModels.BaseTwice),
            RequestOf(id, "b", prompt, Models == ComparedModels.ExpertTwice));
    }

    private TextRequest RequestOf(string id, string side, string prompt, bool isExpert) => new()
    {
        Messages = [new ChatMessage("user", prompt)],
        Model = isExpert ? ModelChoice.Expert : ModelChoice.Base,
        Expert = isExpert ? Expert : null,
        Seed = BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(id + side))),
        Interaction = $"compare-{id}-{side}",

        // Greedy answers of one model are one answer.
        Sampling = Models == ComparedModels.ExpertAndBase ? new() : new() { Temperature = 1 },
    };
}

/// <summary>A pair that is to be shown.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Prompt">What is asked.</param>
/// <param name="First">One answer's request.</param>
/// <param name="Second">The other's.</param>
public sealed record PlannedPair(string Id, string Prompt, TextRequest First, TextRequest Second)
{
    /// <summary>Names a rater's judgement of it.</summary>
    public string Operation => $"compare:{Id}";

    /// <summary>
    /// Whether a rater sees the second answer first. Drawn for each rater and pair, so that who always prefers the left
    /// one is worth nothing to either model.
    /// </summary>
    public bool IsSwappedFor(string rater) => (SHA256.HashData(Encoding.UTF8.GetBytes(Id + " " + rater))[0] & 1) == 1;
}
