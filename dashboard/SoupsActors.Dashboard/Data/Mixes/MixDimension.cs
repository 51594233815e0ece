using SoupsActors.Preferences;

namespace SoupsActors.Dashboard.Data.Mixes;

/// <summary>A dimension along which answers may differ, with its poles.</summary>
/// <param name="Name">Such as <c>expertise</c>.</param>
/// <param name="Poles">Its preferences.</param>
public sealed record MixDimension(string Name, IReadOnlyList<Preference> Poles)
{
    /// <summary>The dimensions of a catalogue, in the order of their first preferences.</summary>
    public static IReadOnlyList<MixDimension> Of(IEnumerable<Preference> preferences) =>
        [.. preferences.GroupBy(p => p.Dimension, StringComparer.Ordinal).Select(g => new MixDimension(g.Key, [.. g]))];
}
