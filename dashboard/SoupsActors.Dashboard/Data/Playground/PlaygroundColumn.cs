using SoupsActors.Dashboard.Data.Mixes;

namespace SoupsActors.Dashboard.Data.Playground;

/// <summary>Who answers in a column.</summary>
public enum ColumnKind
{
    /// <summary>The base model.</summary>
    Base,

    /// <summary>A user's own mix.</summary>
    User,

    /// <summary>A mix set here.</summary>
    Mix,

    /// <summary>One expert.</summary>
    Expert,
}

/// <summary>A column of the playground.</summary>
/// <param name="Kind">Who answers.</param>
public sealed record PlaygroundColumn(ColumnKind Kind)
{
    /// <summary>The user's or the expert's id.</summary>
    public string Name { get; init; } = "";

    /// <summary>The mix, where it is set here.</summary>
    public IReadOnlyDictionary<string, double> Mix { get; init; } = new Dictionary<string, double>();

    /// <summary>The form of links, such as <c>mix:P1A=1</c>.</summary>
    public string ToText() => Kind switch
    {
        ColumnKind.User => "user:" + Name,
        ColumnKind.Expert => "expert:" + Name,
        ColumnKind.Mix => "mix:" + MixText.Format(Mix),
        _ => "base",
    };

    /// <summary>Reads what <see cref="ToText"/> wrote; null for anything else.</summary>
    public static PlaygroundColumn? Parse(string? text)
    {
        var at = (text ?? "").IndexOf(':', StringComparison.Ordinal);
        var (kind, rest) = at < 0 ? (text, "") : (text![..at], text[(at + 1)..]);
        return kind switch
        {
            "base" => new PlaygroundColumn(ColumnKind.Base),
            "user" when rest.Length <= SoupsLimits.MaxUserIdLength =>
                new PlaygroundColumn(ColumnKind.User) { Name = rest },
            "expert" when rest.Length == 0 || Identifiers.IsExpert(rest) =>
                new PlaygroundColumn(ColumnKind.Expert) { Name = rest },
            "mix" => new PlaygroundColumn(ColumnKind.Mix) { Mix = MixText.Parse(rest) },
            _ => null,
        };
    }
}
