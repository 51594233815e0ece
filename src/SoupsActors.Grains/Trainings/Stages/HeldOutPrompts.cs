using System.Text.Json;
using SoupsActors.Grains.Trainings.Work;
using SoupsActors.Learning.Data;

namespace SoupsActors.Grains.Trainings.Stages;

/// <summary>
/// Which prompts of comparisons are kept back: those that the guide keeps back, and about one in ten of the others, or
/// more where that leaves too few to tell versions apart. One that was kept back stays so while the feedback grows,
/// unless it was only needed while there was little.
/// </summary>
internal sealed class HeldOutPrompts
{
    /// <summary>Prompts to have, as long as no more than every fourth one is kept back for it.</summary>
    public const int Enough = 8;

    private const int AtMostEvery = 4;
    private const ulong Every = 10;

    private readonly HashSet<string> texts;
    private readonly HashSet<string> keys;

    private HeldOutPrompts(IEnumerable<string> texts, IEnumerable<string> keys)
    {
        this.texts = texts.ToHashSet(StringComparer.Ordinal);
        this.keys = keys.ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Chooses them; null where there would be nothing to learn from, or nothing kept back.</summary>
    /// <param name="comparisons">All comparisons of a training.</param>
    /// <param name="guide">Texts that are kept back anyway, in whatever conversation they are asked.</param>
    public static HeldOutPrompts? Of(IReadOnlyList<Comparison> comparisons, IReadOnlyList<string> guide)
    {
        var kept = new HeldOutPrompts(guide, []);
        var others = comparisons.Where(c => !kept.Contains(c)).Select(KeyOf).Distinct()
            .Select(key => (Key: key, Spread: TrainingFolder.Spread(key)))
            .OrderBy(p => (p.Spread % Every != 0, p.Spread))
            .ToArray();
        var fewest = comparisons.Any(kept.Contains) ? 0 : 1;
        var wanted = Math.Min(Enough - guide.Count, others.Length / AtMostEvery);
        var count = Math.Min(
            Math.Max(Math.Max(others.Count(p => p.Spread % Every == 0), wanted), fewest), others.Length - 1);
        return count < fewest ? null : new HeldOutPrompts(guide, others.Take(count).Select(p => p.Key));
    }

    /// <summary>
    /// Those that programs chose which left no marks in their files: their trainings go on as they began.
    /// </summary>
    public static HeldOutPrompts OfUnmarked(IReadOnlyList<Comparison> comparisons)
    {
        var prompts = comparisons.Select(KeyOf).Distinct().ToArray();
        string[] tenth = [.. prompts.Where(p => TrainingFolder.Spread(p) % Every == 0)];
        return new HeldOutPrompts(
            [], tenth.Length == 0 || tenth.Length == prompts.Length ? [prompts.MinBy(TrainingFolder.Spread)!] : tenth);
    }

    /// <summary>Whether a comparison is about one of them.</summary>
    public bool Contains(Comparison comparison) =>
        texts.Contains(comparison.Prompt) || keys.Contains(KeyOf(comparison));

    /// <summary>What makes prompts the same: every message up to the user's.</summary>
    public static string KeyOf(Comparison comparison) =>
        JsonSerializer.Serialize(comparison.Earlier.Select(t => t.Content).Append(comparison.Prompt));
}
