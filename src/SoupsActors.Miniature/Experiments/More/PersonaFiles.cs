using System.Text.Json;
using SoupsActors.Learning.Data;

namespace SoupsActors.Miniature.Experiments.More;

/// <summary>
/// Comparisons of real answers by persona: JSON arrays of objects with <c>prompt</c>, <c>chosen</c>, <c>rejected</c> and
/// <c>ground_truth_persona</c>, and further comparisons of the same persona under <c>Pair-wise Comparative Feedback</c>.
/// Each persona is a data set of its own.
/// </summary>
internal static class PersonaFiles
{
    private const string Nested = "Pair-wise Comparative Feedback";

    /// <summary>The distinct comparisons of every persona, the personas with most of them first.</summary>
    /// <exception cref="InvalidOperationException">There is no such file, or one cannot be read.</exception>
    public static IReadOnlyList<(string Persona, IReadOnlyList<Comparison> Pairs)> Read(string folder)
    {
        var files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal).ToArray() : [];
        if (files.Length == 0)
            throw new InvalidOperationException($"{folder} holds no JSON files with comparisons by persona.");
        var read = files.SelectMany(ReadFile).DistinctBy(p => (p.Prompt, p.Chosen, p.Rejected, p.Preference)).GroupBy(p => p.Preference!)
            .Select(g => (g.Key, (IReadOnlyList<Comparison>)[.. g]))
            .OrderByDescending(g => g.Item2.Count).ThenBy(g => g.Key, StringComparer.Ordinal);
        return [.. read];
    }

    private static IEnumerable<Comparison> ReadFile(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            var pairs = new List<Comparison>();
            foreach (var row in json.RootElement.EnumerateArray())
            {
                var persona = Text(row, "ground_truth_persona");
                pairs.Add(Pair(row, persona));
                if (row.TryGetProperty(Nested, out var more))
                    pairs.AddRange(more.EnumerateArray().Select(r => Pair(r, persona)));
            }

            return pairs;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidOperationException($"{path} holds no comparisons by persona ({error.Message}).", error);
        }
    }

    private static Comparison Pair(JsonElement row, string persona) =>
        new(Text(row, "prompt"), Text(row, "chosen"), Text(row, "rejected")) { Preference = persona };

    private static string Text(JsonElement row, string key) =>
        row.GetProperty(key).GetString() ?? throw new InvalidOperationException($"{key} is null");
}
