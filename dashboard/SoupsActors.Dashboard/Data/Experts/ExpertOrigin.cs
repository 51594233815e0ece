using System.Globalization;
using SoupsActors.Dashboard.Shared;
using SoupsActors.Experts;

namespace SoupsActors.Dashboard.Data.Experts;

/// <summary>One thing known about a version's making.</summary>
/// <param name="Label">What it is.</param>
/// <param name="Text">What it says.</param>
/// <param name="IsCode">Whether it is a hash or another name for machines.</param>
public sealed record OriginFact(string Label, string Text, bool IsCode = false);

/// <summary>How a version came to be, in words. Notes that it does not know it shows as they are.</summary>
public static class ExpertOrigin
{
    private static readonly (string Key, string Label, bool IsCode)[] Known =
    [
        ("method", "Method", false),
        ("training", "Training", false),
        ("recipe", "Recipe", true),
        ("data", "Data", true),
        ("comparisons", "Comparisons learnt from", false),
        ("reward", "Reward model", true),
        ("reward_accuracy", "Reward model’s accuracy", false),
        ("seed", "Seed", false),
        ("init_seed", "Seed of initialisation", false),
        ("steps", "Steps", false),
        ("episodes", "Episodes", false),
        ("stopped_by", "Stopped by", false),
        ("kl_per_token", "KL from the base", false),
        ("kl_coefficient", "KL coefficient", false),
        ("kl_bound", "KL bound", false),
        ("parent", "Parent", true),
    ];

    private static readonly string[] InQuality =
        ["judge", "wins", "ties", "losses", "win_rate_lower", "gold_first", "gold_last"];

    /// <summary>Everything known, what matters first.</summary>
    public static IReadOnlyList<OriginFact> Facts(ExpertVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        var notes = version.Provenance;
        var facts = new List<OriginFact>
        {
            new("Base model", version.BaseHash ?? "not noted", version.BaseHash is not null),
        };
        foreach (var (key, label, isCode) in Known)
        {
            if (notes.TryGetValue(key, out var text))
                facts.Add(new OriginFact(label, Write(key, text), isCode));
        }

        facts.Add(new OriginFact("Rank and layers", $"{version.Rank}, {string.Join(", ", version.Targets)}"));
        facts.Add(new OriginFact("Content", version.Hash, IsCode: true));
        var rest = notes.Keys.Where(key => !InQuality.Contains(key) && !Array.Exists(Known, k => k.Key == key));
        facts.AddRange(rest.Order(StringComparer.Ordinal).Select(key => new OriginFact(key, notes[key])));
        return facts;
    }

    /// <summary>How good its judge found it, or null where nobody judged.</summary>
    public static string? Quality(ExpertVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        var notes = version.Provenance;
        if (notes.TryGetValue("wins", out var wins))
        {
            return $"{wins} wins, {notes.GetValueOrDefault("ties", "0")} ties, "
                + $"{notes.GetValueOrDefault("losses", "0")} losses against the version before "
                + $"({notes.GetValueOrDefault("judge", "unknown judge")})";
        }

        if (Number(notes, "gold_last") is not { } last)
            return null;
        var before = Number(notes, "gold_first") is { } first
            ? $", {Numbers.Format(first, "share")} before its training"
            : "";
        return $"{Numbers.Format(last, "share")} of answers meet it{before}";
    }

    /// <summary>Divergence from the base per token, in nats; null where it is not noted.</summary>
    public static double? Kl(ExpertVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        return Number(version.Provenance, "kl_per_token");
    }

    private static string Write(string key, string text) => key switch
    {
        "kl_per_token" or "kl_bound" => text + " nats per token",
        "reward_accuracy" when Number(text) is { } share => Numbers.Format(share, "share"),
        "method" => text.Length <= 4 ? text.ToUpperInvariant() : text,
        _ => text,
    };

    private static double? Number(Dictionary<string, string> notes, string key) =>
        notes.TryGetValue(key, out var text) ? Number(text) : null;

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;
}
