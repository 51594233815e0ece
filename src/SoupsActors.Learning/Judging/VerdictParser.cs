using System.Text.RegularExpressions;

namespace SoupsActors.Learning.Judging;

/// <summary>
/// Reads a verdict out of a language model's reply. Only a line that is nothing but a verdict counts, after an optional
/// label such as <c>Verdict:</c>, for "Output (a) is worse" names an output without choosing it. The last line decides;
/// where it is none, all others that are must agree.
/// </summary>
internal static partial class VerdictParser
{
    /// <summary>
    /// The verdict from the side of output (a), or null where the reply holds none, or contradicting ones.
    /// </summary>
    public static Judgement? Parse(string reply)
    {
        var lines = reply.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Length == 0)
            return null;
        if (OfLine(lines[^1]) is { } last)
            return last;
        Judgement[] others = [.. lines.Select(OfLine).OfType<Judgement>().Distinct()];
        return others is [var only] ? only : null;
    }

    public static string Write(Judgement verdict) => verdict switch
    {
        Judgement.Win => "Output (a)",
        Judgement.Loss => "Output (b)",
        _ => "TIE",
    };

    private static Judgement? OfLine(string line) => VerdictLine().Match(line) switch
    {
        { Success: false } => null,
        var match => match.Groups["choice"].Value.ToUpperInvariant() switch
        {
            "A" => Judgement.Win,
            "B" => Judgement.Loss,
            _ => Judgement.Tie,
        },
    };

    [GeneratedRegex(
        """
        ^[\s*_`"'>#-]*
        (?:(?:(?:my|the)\s+)?(?:final\s+)?
           (?:verdict|answer|choice|decision|judge?ment|winner|result|conclusion
              |(?:better|best|preferred)(?:\s+output)?)
           (?:\s+is)?[\s:*_`"']+)?
        (?:(?:output\s*)?[(\[]?(?<choice>[ab])[)\]]?|(?<choice>tie))
        [\s*_`"'.!]*$
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex VerdictLine();
}
