using System.Text.Json;

namespace SoupsActors.Learning.Data.Datasets;

/// <summary>
/// The pairs that Personalized Soups (Jang et al. 2023) trains reward models on: <c>completion_a</c> is the preferred one.
/// </summary>
internal static class PersonalizedSoupsEntry
{
    public static IEnumerable<DatasetRow> Parse(JsonElement entry)
    {
        if (!entry.TryGetProperty("user_input", out _))
            return HuggingFaceEntry.Parse(entry);
        var chosen = entry.NonEmptyText("completion_a");
        var rejected = entry.NonEmptyText("completion_b");
        return chosen != rejected
            ? [new PairRow(entry.NonEmptyText("user_input"), [], chosen, rejected) { Source = "p-soups" }]
            : throw new DatasetEntryException("prefers one of two equal answers");
    }
}
