using System.Text.RegularExpressions;

namespace SoupsActors.Models.Experts;

/// <summary>
/// How PEFT compares configuration entries with module paths (peft 0.11 and later, <c>get_pattern_key</c> and
/// <c>check_target_module_exists</c>). Patterns come from strangers, so each match has a time limit.
/// </summary>
internal static class PeftPattern
{
    private const int MaxLength = 2000;
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(200);

    /// <summary>A regular expression over the whole path, as a <c>target_modules</c> text is.</summary>
    public static Regex Whole(string pattern) => Compile($@"\A(?:{pattern})\z", pattern);

    /// <summary>
    /// A key of <c>rank_pattern</c> or <c>alpha_pattern</c>: with ^ it matches from the start, otherwise the path or
    /// what follows one of its dots, to the end.
    /// </summary>
    public static Regex Key(string pattern) => pattern.StartsWith('^')
        ? Compile(pattern, pattern)
        : Compile($@"\A(?:.*\.)?(?:{pattern})$", pattern);

    /// <summary>An entry of a <c>target_modules</c> list: the path itself, or its end after a dot.</summary>
    public static bool Names(string entry, string path) =>
        path == entry || path.EndsWith("." + entry, StringComparison.Ordinal);

    private static Regex Compile(string expression, string pattern)
    {
        if (pattern.Length > MaxLength)
        {
            throw new ArgumentException(
                $"A pattern has {pattern.Length} characters, more than the {MaxLength} allowed.");
        }

        return new Regex(expression, RegexOptions.CultureInvariant, Limit);
    }
}
