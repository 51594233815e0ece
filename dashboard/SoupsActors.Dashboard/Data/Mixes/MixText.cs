using System.Globalization;

namespace SoupsActors.Dashboard.Data.Mixes;

/// <summary>Mixes as texts: <c>P1A=0.5,P2B=1</c> in links, “child 0.5 + full 1” for people.</summary>
public static class MixText
{
    /// <summary>The form of links.</summary>
    public static string Format(IReadOnlyDictionary<string, double> mix)
    {
        ArgumentNullException.ThrowIfNull(mix);
        var sorted = mix.OrderBy(m => m.Key, StringComparer.Ordinal);
        return string.Join(',', sorted.Select(m => $"{m.Key}={Number(m.Value)}"));
    }

    /// <summary>Reads what <see cref="Format"/> wrote; what is no weight of an expert is passed over.</summary>
    public static Dictionary<string, double> Parse(string? text)
    {
        var mix = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var part in (text ?? "").Split(',').Take(SoupsLimits.MaxMixEntries))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            if (at > 0
                && Identifiers.IsExpert(part[..at])
                && double.TryParse(part[(at + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var weight)
                && Math.Abs(weight) is > 0 and <= SoupsLimits.MaxWeight)
            {
                mix[part[..at]] = weight;
            }
        }

        return mix;
    }

    /// <summary>The form for people; an empty mix is “base model”.</summary>
    public static string Describe(IReadOnlyDictionary<string, double> mix, IEnumerable<MixDimension> dimensions)
    {
        ArgumentNullException.ThrowIfNull(mix);
        var poles = Poles(dimensions);
        var parts = mix.Where(m => m.Value != 0).OrderBy(m => m.Key, StringComparer.Ordinal)
            .Select(m => $"{poles.GetValueOrDefault(m.Key, m.Key)} {Sign(m.Value)}");
        return string.Join(" + ", parts) is { Length: > 0 } text ? text : "base model";
    }

    /// <summary>What people call each preference.</summary>
    public static Dictionary<string, string> Poles(IEnumerable<MixDimension> dimensions) =>
        dimensions.SelectMany(d => d.Poles).ToDictionary(p => p.Id, p => p.Pole, StringComparer.Ordinal);

    /// <summary>A number with a true minus sign.</summary>
    public static string Sign(double weight) => Number(weight).Replace('-', '−');

    private static string Number(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
