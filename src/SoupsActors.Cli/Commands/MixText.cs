using System.Globalization;

namespace SoupsActors.Cli.Commands;

/// <summary>Mixes as people type them: <c>P1A=1,P2B=0.5</c> or several such arguments.</summary>
internal static class MixText
{
    /// <summary>Reads weights; a later one of the same name wins.</summary>
    /// <exception cref="ArgumentException">A part is not NAME=NUMBER.</exception>
    public static Dictionary<string, double> Parse(IEnumerable<string> parts)
    {
        var mix = new Dictionary<string, double>();
        foreach (var part in parts.SelectMany(p => p.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            var (name, weight) = ParseOne(part);
            mix[name] = weight;
        }

        return mix;
    }

    /// <summary>Reads one weight.</summary>
    /// <exception cref="ArgumentException">It is not NAME=NUMBER.</exception>
    public static (string Name, double Weight) ParseOne(string part)
    {
        var split = part.IndexOf('=', StringComparison.Ordinal);
        if (split <= 0
            || !double.TryParse(part[(split + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var weight)
            || !double.IsFinite(weight))
        {
            throw new ArgumentException($"'{part}' is not NAME=NUMBER, such as P1A=1 or P2B=0.5.");
        }

        return (part[..split].Trim(), weight);
    }

    /// <summary>Writes weights, sorted by name; an empty mix is the base model.</summary>
    public static string Format(IReadOnlyDictionary<string, double> mix) => mix.Count == 0
        ? "base model (empty mix)"
        : string.Join(", ", mix.OrderBy(m => m.Key, StringComparer.Ordinal)
            .Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Key}={m.Value:0.###}")));
}
