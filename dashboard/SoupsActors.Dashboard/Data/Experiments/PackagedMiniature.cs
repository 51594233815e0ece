using System.Text.Json;

namespace SoupsActors.Dashboard.Data.Experiments;

/// <summary>How often answers to held-out questions meet the criteria of one combination.</summary>
/// <param name="Method">How the style is asked for.</param>
/// <param name="Combination">The preferences wanted.</param>
/// <param name="Answers">Answers judged.</param>
/// <param name="Satisfied">Answers that meet each preference.</param>
/// <param name="SatisfiedAll">Answers that meet all.</param>
/// <param name="MeanWords">Mean length in words.</param>
public sealed record PackagedJudgement(
    string Method, string[] Combination, int Answers, int[] Satisfied, int SatisfiedAll, double MeanWords);

/// <summary>A preference's reward model, the training of its expert, and what both took.</summary>
/// <param name="Preference">The preference.</param>
/// <param name="Accuracy">Share of held-out pairs that the reward model orders rightly.</param>
/// <param name="CalibrationError">Its expected calibration error.</param>
/// <param name="Seconds">Seconds that reward model and expert took.</param>
/// <param name="Curve">The expert's training: step, reward, gold metric.</param>
public sealed record PackagedPreference(
    string Preference,
    double? Accuracy,
    double? CalibrationError,
    double? Seconds,
    IReadOnlyList<(double Step, double? Reward, double? Gold)> Curve);

/// <summary>What was measured on the model that comes with the product.</summary>
/// <param name="Judgements">By the programmatic judges.</param>
/// <param name="Preferences">One for each preference.</param>
public sealed record PackagedMiniature(
    IReadOnlyList<PackagedJudgement> Judgements, IReadOnlyList<PackagedPreference> Preferences)
{
    /// <summary>Reads it; null where there is none. A file that cannot be read is left out.</summary>
    public static PackagedMiniature? Read(string? folder)
    {
        if (folder is null
            || Parse(Path.Combine(folder, "judgements.json")) is not { ValueKind: JsonValueKind.Array } judged)
        {
            return null;
        }

        var costs = Parse(Path.Combine(folder, "costs.json"));
        var curves = Path.Combine(folder, "curves");
        var names = Directory.Exists(curves)
            ? Directory.EnumerateFiles(curves, "*.jsonl").Select(f => Path.GetFileNameWithoutExtension(f)!).Order()
            : Enumerable.Empty<string>();
        try
        {
            return new PackagedMiniature(
                judged.Deserialize<PackagedJudgement[]>() ?? [],
                [.. names.Select(name => PreferenceOf(folder, name, costs))]);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static PackagedPreference PreferenceOf(string folder, string name, JsonElement? costs)
    {
        var card = Member(Parse(Path.Combine(folder, "rewards", name, "reward.json")), "card");
        var seconds = new[] { $"reward {name}", $"expert {name}" }
            .Select(stage => Number(Member(costs, stage), "Seconds"))
            .ToArray();
        return new PackagedPreference(
            name,
            Number(card, "held_out_accuracy"),
            Number(card, "held_out_calibration_error"),
            Array.TrueForAll(seconds, s => s is null) ? null : seconds.Sum(),
            [
                .. File.ReadLines(Path.Combine(folder, "curves", name + ".jsonl")).Take(10_000)
                    .Select(line => JsonDocument.Parse(line).RootElement)
                    .Select(step => (
                        Number(step, "step") ?? 0, Number(step, "objective/scores"), Number(step, "objective/gold"))),
            ]);
    }

    private static JsonElement? Member(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } p && p.TryGetProperty(name, out var value) ? value : null;

    private static double? Number(JsonElement? parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : null;

    private static JsonElement? Parse(string path)
    {
        try
        {
            if (!File.Exists(path))
                return null;
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.Clone();
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
