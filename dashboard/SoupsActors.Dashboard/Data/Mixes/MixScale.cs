namespace SoupsActors.Dashboard.Data.Mixes;

/// <summary>
/// A mix as positions of sliders. A dimension of two poles is one slider between them as long as the mix wants at most
/// one of the two; otherwise each pole has a slider of its own, so that no weight is lost by looking at it.
/// </summary>
public static class MixScale
{
    /// <summary>Largest weight that a slider reaches.</summary>
    public const double End = 1.5;

    /// <summary>Distance between two positions of a slider.</summary>
    public const double Step = 0.1;

    /// <summary>Where between two poles the mix is: below 0 towards the first, above towards the second.</summary>
    /// <returns>Null where one slider cannot say it.</returns>
    public static double? Position(IReadOnlyDictionary<string, double> mix, MixDimension dimension)
    {
        ArgumentNullException.ThrowIfNull(mix);
        ArgumentNullException.ThrowIfNull(dimension);
        if (dimension.Poles.Count != 2)
            return null;
        var (first, second) = (Weight(mix, dimension.Poles[0].Id), Weight(mix, dimension.Poles[1].Id));
        return first < 0 || second < 0 || (first > 0 && second > 0) ? null : second - first;
    }

    /// <summary>The mix with another position between the two poles of a dimension.</summary>
    public static Dictionary<string, double> Move(
        IReadOnlyDictionary<string, double> mix, MixDimension dimension, double position)
    {
        ArgumentNullException.ThrowIfNull(dimension);
        var moved = Set(mix, dimension.Poles[0].Id, Math.Max(-position, 0));
        return Set(moved, dimension.Poles[1].Id, Math.Max(position, 0));
    }

    /// <summary>The mix with another weight of one name; 0 drops it.</summary>
    public static Dictionary<string, double> Set(IReadOnlyDictionary<string, double> mix, string name, double weight)
    {
        ArgumentNullException.ThrowIfNull(mix);
        var next = new Dictionary<string, double>(mix, StringComparer.Ordinal);
        if (weight == 0)
            next.Remove(name);
        else
            next[name] = Math.Round(weight, 6);
        return next;
    }

    /// <summary>Names of a mix that are no pole of any dimension, such as experts named directly.</summary>
    public static IReadOnlyList<string> Others(
        IReadOnlyDictionary<string, double> mix, IEnumerable<MixDimension> dimensions)
    {
        ArgumentNullException.ThrowIfNull(mix);
        var poles = dimensions.SelectMany(d => d.Poles).Select(p => p.Id).ToHashSet(StringComparer.Ordinal);
        return [.. mix.Keys.Where(name => !poles.Contains(name)).Order(StringComparer.Ordinal)];
    }

    /// <summary>The weight of a name, 0 where the mix does not have it.</summary>
    public static double Weight(IReadOnlyDictionary<string, double> mix, string name)
    {
        ArgumentNullException.ThrowIfNull(mix);
        return mix.TryGetValue(name, out var weight) ? weight : 0;
    }
}
